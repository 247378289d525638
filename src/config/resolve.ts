import { totalSize } from '../models/model.js';
import { resolveArrival } from './arrival.js';
import { resolveByzantine } from './byzantine.js';
import type { Config, OptimizerConfig } from './config.js';
import { resolveDataset } from './dataset.js';
import { show } from './describe.js';
import type { ConfigFiles } from './files.js';
import { within, type Issue, type Path } from './issues.js';
import { maxEvaluations } from './limits.js';
import { isMapping } from './mapping.js';
import { resolveModel } from './model.js';
import { resolveNamed } from './named.js';
import { beyond, excess, needsOf, type Machine, type Needs } from './needs.js';
import { notMapping, parseParameters } from './parameters.js';
import { resolveAggregator, type Resolved } from './rules.js';
import {
  configKeys,
  defaultBatchSize,
  defaultEvaluateEvery,
  evaluateKeys,
  optimizerKind,
  sweepKeys,
} from './schema.js';
import { resolveThresholds } from './thresholds.js';

/**
 * A config with every default filled in, every name known and every bound checked; or everything that is wrong with it.
 * A check is skipped where the values it compares are themselves wrong. The keys of a sweep are passed over.
 *
 * @param raw the config as its file and the command line give it
 * @param files what `raw` names, read
 * @param machine must be able to hold it; default: any machine will do
 */
export function resolveConfig(
  raw: unknown,
  defaultName: string,
  files: ConfigFiles,
  machine?: Machine,
): Resolved<Config> & { needs?: Needs } {
  if (!isMapping(raw)) {
    const message = raw === null || raw === undefined ? 'empty config' : `invalid config: ${show(raw)}`;
    return { issues: [{ path: [], message: `${message} (expected keys such as dataset and workers)` }] };
  }
  const issues: Issue[] = [];
  const collect = <T>(path: Path, resolved: Resolved<T>): T | undefined => {
    issues.push(...within(path, resolved.issues));
    return resolved.config;
  };

  const top = parseParameters(raw, configKeys, 'a config', Object.keys(sweepKeys));
  issues.push(...top.issues);
  const { name = defaultName, mode, workers, updates, seeds, batchSize } = top.values as Partial<Config>;

  const data = collect(['dataset'], resolveDataset(raw.dataset, files.points));
  const resolvedModel = resolveModel(raw, data);
  const model = collect([], resolvedModel);
  const { built } = resolvedModel;
  const arrival = collect(['arrival'], resolveArrival(raw.arrival, { workers, updates, trace: files.trace }));
  const resolvedByzantine = resolveByzantine(raw.byzantine, workers, data?.input);
  const byzantine = collect(['byzantine'], resolvedByzantine);
  const { group } = resolvedByzantine;
  const context = group && {
    workers: workers!,
    byzantine: group.count,
    lambda: group.lambda,
    dimension: built && totalSize(built.parameters),
    weightedDefault: mode === 'async',
  };
  const aggregator = collect(['aggregator'], resolveAggregator(raw.aggregator, context));
  const optimizer = collect(['optimizer'], resolveOptimizer(raw.optimizer));
  const evaluate = collect(['evaluate'], resolveEvaluate(raw.evaluate, updates));
  const thresholds = collect(['thresholds'], resolveThresholds(raw.thresholds));

  if (issues.length > 0) return { issues };
  const config: Config = {
    name,
    dataset: data!.dataset,
    ...model!,
    mode: mode!,
    workers: workers!,
    arrival: arrival!,
    byzantine: byzantine!,
    aggregator: aggregator!,
    optimizer: optimizer!,
    batchSize: batchSize ?? defaultBatchSize(data!.dataset.name),
    updates: updates!,
    evaluate: evaluate!,
    seeds: seeds!,
    ...(thresholds && { thresholds }),
  };
  const needs = needsOf(config, built!);
  issues.push(...excess(config, needs));
  if (machine && issues.length === 0) issues.push(...beyond(machine, config, needs));
  return issues.length > 0 ? { issues } : { config, needs, issues };
}

function resolveOptimizer(value: unknown): Resolved<OptimizerConfig> {
  const { definition, parameters, issues } = resolveNamed(value, optimizerKind);
  if (!definition || issues.length > 0) return { issues };
  return { config: { name: definition.name, ...parameters } as OptimizerConfig, issues };
}

function resolveEvaluate(value: unknown, updates = 1): Resolved<Config['evaluate']> {
  const given = value ?? {};
  if (!isMapping(given)) return { issues: [notMapping('evaluate', value, evaluateKeys)] };
  const { values, issues } = parseParameters(given, evaluateKeys, 'evaluate');
  const { every = defaultEvaluateEvery(updates) } = values as Partial<Config['evaluate']>;
  const evaluations = Math.ceil(updates / every);
  if (evaluations > maxEvaluations) {
    const bound = `${updates} updates make ${evaluations} evaluations, at most ${maxEvaluations}: evaluate less often`;
    issues.push({ path: ['every'], message: `invalid every: ${every} (${bound})` });
  }
  return issues.length > 0 ? { issues } : { config: { every }, issues };
}
