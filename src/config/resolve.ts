import { totalSize } from '../models/model.js';
import { resolveArrival } from './arrival.js';
import { resolveByzantine } from './byzantine.js';
import type { Config } from './config.js';
import { resolveDataset } from './dataset.js';
import type { Keys } from '../base/definition.js';
import { show } from '../base/describe.js';
import type { ConfigFiles } from './files.js';
import { isAbout, type Issue, type Path, within } from '../base/issues.js';
import { isMapping, type Mapping, pick, valueOf } from '../base/mapping.js';
import type { OptimizerConfig } from '../optimizers/optimizer.js';
import { isConstant, isTrace } from '../simulation/arrivals.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { Column } from '../simulation/columns.js';
import { columnsOf, runColumns, type ModeDefinition } from '../simulation/mode.js';
import { kindsOf, type Kinds } from './kinds.js';
import { maxEvaluations } from '../base/limits.js';
import { withModules } from './modules.js';
import { resolveModel } from './model.js';
import { resolveNamed } from './named.js';
import { beyond, excess, needsOf, type Machine, type Needs } from './needs.js';
import { notMapping, parseParameters } from './parameters.js';
import { resolveAggregator, resolveServerRule, type Resolved } from './rules.js';
import {
  checkpointKeys,
  configKeys,
  defaultEvaluateEvery,
  defaultMode,
  evaluateKeys,
  sweepKeys,
} from './schema.js';
import { keysOfSections, resolveSections } from './sections.js';
import { resolveSplit } from './split.js';
import { resolveThresholds } from '../thresholds/thresholds.js';

/** A config, what it takes, and the columns of its metrics.csv; or what is wrong with it. */
export interface ResolvedConfig extends Resolved<Config> {
  needs?: Needs;
  columns?: Column[];
}

/**
 * A config with every default filled in, every name known and every bound checked; or everything that is wrong with it.
 * A check is skipped where the values it compares are themselves wrong. The keys of a sweep are passed over.
 *
 * @param raw the config as its file and the command line give it
 * @param files what `raw` names, read
 * @param catalogue what it may name
 * @param machine must be able to hold it; default: any machine will do
 */
export function resolveConfig(
  raw: unknown,
  defaultName: string,
  files: ConfigFiles,
  catalogue: Catalogue,
  machine?: Machine,
): ResolvedConfig {
  if (!isMapping(raw)) {
    const message = raw === null || raw === undefined ? 'empty config' : `invalid config: ${show(raw)}`;
    return { issues: [{ path: [], message: `${message} (expected keys such as dataset and workers)` }] };
  }
  const brought = withModules(raw, catalogue, files.modules ?? new Map());
  const resolved = resolveNamedOnly(brought.raw, defaultName, files, brought.catalogue, machine);
  if (brought.issues.length === 0) return resolved;
  // Of a thing that is not there, only that is to be said.
  const others = resolved.issues.filter(
    (issue) => !brought.issues.some(({ path }) => isAbout(issue, path.slice(0, -1))),
  );
  return { issues: [...brought.issues, ...others] };
}

/** A config that names nothing but what the catalogue has. */
function resolveNamedOnly(
  raw: Mapping,
  defaultName: string,
  files: ConfigFiles,
  catalogue: Catalogue,
  machine?: Machine,
): ResolvedConfig {
  const issues: Issue[] = [];
  const collect = <T>(path: Path, resolved: Resolved<T>): T | undefined => {
    issues.push(...within(path, resolved.issues));
    return resolved.config;
  };

  const kinds = kindsOf(catalogue);
  const mode = collect(['mode'], resolveMode(raw, kinds));
  const keys = { ...configKeys, ...mode?.parameters, ...(mode && keysOfSections(mode)) };
  const ofOthers = keysOfOtherModes(raw, kinds, mode, (each) => ({
    ...each.parameters,
    ...keysOfSections(each),
  }));
  issues.push(...ofOthers.issues);
  const top = parseParameters(raw, keys, 'a config', [...Object.keys(sweepKeys), ...ofOthers.keys]);
  issues.push(...top.issues);
  const {
    name = defaultName,
    workers,
    updates,
    seeds,
    batchSize,
    gradientClip,
  } = top.values as Partial<Config>;

  const data = collect(['dataset'], resolveDataset(raw.dataset, catalogue, files.dataset));
  const split = collect(['split'], resolveSplit(raw.split, catalogue.splits, data?.input));
  const resolvedModel = resolveModel(raw, kinds, data);
  const model = collect([], resolvedModel);
  const { built } = resolvedModel;
  const arrival = collect(
    ['arrival'],
    resolveArrival(raw.arrival, {
      kinds,
      workers,
      // Where all workers answer in every step a trace is refused, however long it is.
      updates: mode?.workers === 'in-step' ? undefined : updates,
      trace: files.trace,
    }),
  );
  const byzantineOfOthers = keysOfOtherModes(raw.byzantine, kinds, mode, (each) => each.byzantine ?? {});
  issues.push(...within(['byzantine'], byzantineOfOthers.issues));
  const resolvedByzantine = resolveByzantine(
    raw.byzantine,
    kinds,
    workers,
    data?.input,
    mode?.weighted,
    mode?.byzantine,
    byzantineOfOthers.keys,
  );
  const byzantine = collect(['byzantine'], resolvedByzantine);
  const { group } = resolvedByzantine;
  const sections = mode && collect([], resolveSections(raw, mode, { kinds, workers, links: files.links }));
  const own = { ...pick(top.values, Object.keys(mode?.parameters ?? {})), ...sections };
  const nodes = group && { workers: workers!, byzantine: group.count };
  Object.assign(own, nodes && mode?.defaults?.(own, nodes));
  const outside = (nodes && mode?.bounds?.(own, nodes)) ?? [];
  issues.push(...outside);
  // Of too few nodes nothing is gained by what a rule says of them.
  const context = group &&
    outside.length === 0 && {
      workers: mode?.messages?.(own, workers!) ?? workers!,
      byzantine: group.count,
      lambda: group.lambda,
      dimension: built && totalSize(built.parameters),
      weightedDefault: mode?.weighted ?? false,
    };
  const resolveRule = mode && !mode.arrivalColumns ? resolveAggregator : resolveServerRule;
  const aggregator = collect(['aggregator'], resolveRule(raw.aggregator, kinds, context || undefined));
  const optimizer = collect(['optimizer'], resolveOptimizer(raw.optimizer, kinds, mode));
  const evaluate = collect(['evaluate'], resolveEvaluate(raw.evaluate, updates));
  const thresholds = collect(
    ['thresholds'],
    resolveThresholds(raw.thresholds, columnsOf(catalogue.modes.values()), mode && ownColumns(mode)),
  );
  const checkpoint = collect(['checkpoint'], resolveCheckpoint(raw.checkpoint));

  if (issues.length > 0) return { issues };
  const config: Config = {
    name,
    dataset: data!.dataset,
    ...split!,
    ...model!,
    mode: mode!.name,
    ...own,
    workers: workers!,
    arrival: arrival!,
    byzantine: byzantine!,
    aggregator: aggregator!,
    optimizer: optimizer!,
    batchSize: batchSize ?? data!.definition.batchSize,
    ...(gradientClip !== undefined && { gradientClip }),
    updates: updates!,
    evaluate: evaluate!,
    seeds: seeds!,
    ...(thresholds && { thresholds }),
    ...(checkpoint && { checkpoint }),
  };
  const unplayable =
    misplaced(config, mode!) ?? unsearchable(config, kinds) ?? mode!.check?.(config as Config & Mapping);
  if (unplayable) issues.push(unplayable);
  const needs = needsOf(config, built!, catalogue);
  issues.push(...excess(config, needs));
  if (machine && issues.length === 0) issues.push(...beyond(machine, config, needs));
  const columns = runColumns(mode!, kinds.arrivalRule.definitions.has(config.aggregator.rule));
  return issues.length > 0 ? { issues } : { config, needs, columns, issues };
}

function ownColumns(mode: ModeDefinition): { owner: string; columns: Column[] } {
  return { owner: `mode ${mode.name}`, columns: columnsOf([mode]) };
}

function resolveMode(raw: Mapping, { mode }: Kinds): Resolved<ModeDefinition> {
  const { definition, issues } = resolveNamed({ name: valueOf(raw, 'mode') }, mode, defaultMode);
  return definition
    ? { config: definition, issues }
    : { issues: issues.map((issue) => ({ ...issue, path: [] })) };
}

/**
 * The keys of a config, or of a section of it, that other modes take; it may have them without a value. Where the mode is
 * not known, those that any takes.
 */
function keysOfOtherModes(
  raw: unknown,
  { mode: { definitions } }: Kinds,
  mode: ModeDefinition | undefined,
  keysOf: (mode: ModeDefinition) => Keys,
): { keys: string[]; issues: Issue[] } {
  if (!isMapping(raw)) return { keys: [], issues: [] };
  const takers = (key: string) =>
    [...definitions.values()].filter((each) => Object.hasOwn(keysOf(each), key));
  const keys = Object.keys(raw).filter((key) => {
    const modes = takers(key);
    return modes.length > 0 && !(mode && modes.includes(mode));
  });
  const issues = keys
    .filter((key) => mode && valueOf(raw, key) !== undefined)
    .map((key) => {
      const names = takers(key).map(({ name }) => name);
      return {
        path: [key],
        message: `invalid key: ${key} (mode ${mode!.name} takes none; ${names.join(' and ')} ${names.length > 1 ? 'do' : 'does'})`,
        atKey: true,
      };
    });
  return { keys, issues };
}

/** Who arrives when is asked in some modes, and how long each takes in the others. */
function misplaced({ arrival, byzantine }: Config, { workers, unit }: ModeDefinition): Issue | undefined {
  if (workers === 'one-by-one')
    return isConstant(arrival)
      ? {
          path: ['arrival', 'compute'],
          message: `invalid key: compute (workers arrive one by one; give their speeds, such as id)`,
          atKey: true,
        }
      : undefined;
  if (isTrace(arrival))
    return {
      path: ['arrival'],
      message: `invalid arrival: a trace (in ${unit}s all workers answer; give their speeds, such as id)`,
    };
  return byzantine.schedule === 'interval'
    ? {
        path: ['byzantine', 'schedule'],
        message: `invalid schedule: interval (in a ${unit} every worker sends one message; leave it out)`,
      }
    : undefined;
}

/** An attack that tries the rule out on all messages has nothing to try where the rule takes them one by one. */
function unsearchable({ byzantine, aggregator }: Config, { attack, arrivalRule }: Kinds): Issue | undefined {
  const definition = attack.definitions.get(byzantine.attack.attack)!;
  if (!arrivalRule.definitions.has(aggregator.rule)) return undefined;
  if (definition.kind !== 'omniscient' || !definition.searches) return undefined;
  return {
    path: ['byzantine', 'attack'],
    message: `invalid attack: ${definition.name} (it searches against a rule of all messages, and ${aggregator.rule} takes them one by one)`,
  };
}

/** Of the form that the mode prefers where the config names none. */
function resolveOptimizer(
  value: unknown,
  { optimizer }: Kinds,
  mode?: ModeDefinition,
): Resolved<OptimizerConfig> {
  const given = isMapping(value) ? value : { name: value };
  const forms = optimizer.definitions.get(String(valueOf(given, 'name')))?.forms ?? {};
  const prefers = mode?.form !== undefined && mode.form in forms && valueOf(given, 'form') === undefined;
  const { definition, parameters, issues } = resolveNamed(
    prefers ? { ...given, form: mode.form } : value,
    optimizer,
  );
  if (!definition || issues.length > 0) return { issues };
  return { config: { name: definition.name, ...parameters } as OptimizerConfig, issues };
}

function resolveEvaluate(value: unknown, updates = 1): Resolved<Config['evaluate']> {
  const given = value ?? {};
  if (!isMapping(given)) return { issues: [notMapping('evaluate', value, evaluateKeys, 'evaluate')] };
  const { values, issues } = parseParameters(given, evaluateKeys, 'evaluate');
  const { every = defaultEvaluateEvery(updates) } = values as Partial<Config['evaluate']>;
  const evaluations = Math.ceil(updates / every);
  if (evaluations > maxEvaluations) {
    const bound = `${updates} updates make ${evaluations} evaluations, at most ${maxEvaluations}: evaluate less often`;
    issues.push({ path: ['every'], message: `invalid every: ${every} (${bound})` });
  }
  return issues.length > 0 ? { issues } : { config: { every }, issues };
}

function resolveCheckpoint(value: unknown): Resolved<Config['checkpoint']> {
  if (value === undefined || value === null) return { issues: [] };
  if (!isMapping(value)) return { issues: [notMapping('checkpoint', value, checkpointKeys, 'checkpoint')] };
  const { values, issues } = parseParameters(value, checkpointKeys, 'checkpoint');
  return issues.length > 0 ? { issues } : { config: values as Config['checkpoint'], issues };
}
