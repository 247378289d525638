import type { AttackDefinition } from '../attacks/attack.js';
import { attacks } from '../attacks/index.js';
import type { InputSpec } from '../data/dataset.js';
import { datasets } from '../data/index.js';
import { parsePoints } from '../data/points.js';
import { UserError } from '../errors.js';
import { totalSize } from '../models/model.js';
import { resolveArrival } from './arrival.js';
import type { Config, OptimizerConfig } from './config.js';
import { show } from './describe.js';
import type { ConfigFiles, LoadedFile } from './files.js';
import { within, type Issue, type Path } from './issues.js';
import { isMapping, valueOf, type Mapping } from './mapping.js';
import { resolveNamed } from './named.js';
import { parseParameters } from './parameters.js';
import { resolveAggregator, resolveAttack, type Resolved } from './rules.js';
import {
  byzantineKeys,
  configKeys,
  defaultBatchSize,
  defaultEvaluateEvery,
  defaultModel,
  evaluateKeys,
  modelKeys,
  modelKind,
  optimizerKind,
} from './schema.js';
import { nearest } from './suggest.js';

/**
 * A config with every default filled in, every name known and every bound checked; or everything that is wrong with it.
 * A check is skipped where the values it compares are themselves wrong.
 *
 * @param raw the config as its file and the command line give it
 * @param files what `raw` names, read
 */
export function resolveConfig(raw: unknown, defaultName: string, files: ConfigFiles): Resolved<Config> {
  if (!isMapping(raw)) {
    const message = raw === null || raw === undefined ? 'empty config' : `invalid config: ${show(raw)}`;
    return { issues: [{ path: [], message: `${message} (expected keys such as dataset and workers)` }] };
  }
  const issues: Issue[] = [];
  const collect = <T>(path: Path, resolved: Resolved<T>): T | undefined => {
    issues.push(...within(path, resolved.issues));
    return resolved.config;
  };

  const top = parseParameters(raw, configKeys, 'a config');
  issues.push(...top.issues);
  const { name = defaultName, workers, updates, seeds, mode } = top.values as Partial<Config>;

  const data = collect(['dataset'], resolveDataset(raw.dataset, files.points));
  const arrival = collect(['arrival'], resolveArrival(raw.arrival, { workers, updates, trace: files.trace }));
  const model = collect([], resolveModel(raw, data));
  const byzantine = collect(['byzantine'], resolveByzantine(raw.byzantine, workers, data?.input));
  const context = workers !== undefined &&
    byzantine && {
      workers,
      byzantine: byzantine.count,
      lambda: byzantine.lambda,
      weightedDefault: mode === 'async',
    };
  const aggregator = collect(['aggregator'], resolveAggregator(raw.aggregator, context || undefined));
  const optimizer = collect(['optimizer'], resolveOptimizer(raw.optimizer));
  const evaluate = collect(['evaluate'], resolveEvaluate(raw.evaluate, updates));

  if (issues.length > 0) return { issues };
  return {
    config: {
      name,
      dataset: data!.config,
      ...model!,
      mode: mode!,
      workers: workers!,
      arrival: arrival!,
      byzantine: byzantine!,
      aggregator: aggregator!,
      optimizer: optimizer!,
      batchSize: (top.values.batchSize as number | undefined) ?? defaultBatchSize(data!.config.name),
      updates: updates!,
      evaluate: evaluate!,
      seeds: seeds!,
    },
    issues,
  };
}

interface Data {
  config: Config['dataset'];
  input: InputSpec;
}

/** `mnist`, or `{points: FILE}`. */
function resolveDataset(value: unknown, points: LoadedFile | undefined): Resolved<Data> {
  const given: Mapping = isMapping(value) ? value : { name: value };
  const name = valueOf(given, 'name');
  const named = [...datasets.values()].filter(({ shape }) => shape).map((dataset) => dataset.name);
  const choices = `${named.join(' | ')} | {points: FILE.csv}`;
  const issue = (path: Path, message: string): Resolved<Data> => ({ issues: [{ path, message }] });

  const strange = Object.keys(given).find((key) => key !== 'name' && key !== 'points');
  if (strange !== undefined) {
    return {
      issues: [
        { path: [strange], message: `unknown key: ${show(strange)} (expected ${choices})`, atKey: true },
      ],
    };
  }
  if (valueOf(given, 'points') !== undefined) {
    if (name !== undefined)
      return issue(['points'], `invalid dataset: a name and points (expected ${choices})`);
    return resolvePoints(given.points, points);
  }
  if (name === undefined) return issue([], `missing dataset: a config needs one (${choices})`);
  const definition = typeof name === 'string' ? datasets.get(name) : undefined;
  if (!definition?.shape) {
    const guess = typeof name === 'string' ? nearest(name, named) : undefined;
    const verb = typeof name === 'string' && name !== 'points' ? 'unknown' : 'invalid';
    return issue(
      ['name'],
      `${verb} dataset: ${show(name)} (${guess ? `did you mean ${guess}?` : `expected ${choices}`})`,
    );
  }
  const config = { name: definition.name } as Config['dataset'];
  return { config: { config, input: { shape: definition.shape, classes: definition.classes } }, issues: [] };
}

function resolvePoints(value: unknown, points: LoadedFile | undefined): Resolved<Data> {
  const wrong = (message: string): Resolved<Data> => ({ issues: [{ path: ['points'], message }] });
  if (!points) return wrong(`invalid points: ${show(value)} (expected a CSV file)`);
  if ('problem' in points) return wrong(points.problem);
  try {
    const [first] = parsePoints(points.text, points.file);
    const input = { shape: [first.length], classes: 0 };
    return { config: { config: { name: 'points', file: points.file }, input }, issues: [] };
  } catch (error) {
    if (error instanceof UserError) return wrong(error.message);
    throw error;
  }
}

/** The model and its starting point, which may stand in the model's mapping or at the top. */
function resolveModel(raw: Mapping, data: Data | undefined): Resolved<Pick<Config, 'model' | 'initial'>> {
  const key = isMapping(raw.model) && Object.hasOwn(raw.model, 'model') ? 'model' : 'name';
  const fallback = defaultModel(data?.config.name ?? 'mnist');
  const value = raw.model ?? fallback;
  const {
    definition,
    parameters,
    issues: own,
  } = resolveNamed(value, { ...modelKind, key }, modelKeys, fallback);
  const issues = within(['model'], own);
  if (!definition || issues.length > 0) return { issues };

  const { initial: inner, ...rest } = parameters;
  if (inner && raw.initial) {
    issues.push({
      path: ['model', 'initial'],
      message: 'invalid key: initial (given at the top too; keep one)',
      atKey: true,
    });
  }
  const config = { name: definition.name, ...rest };
  const top = configKeys.initial.safeParse(raw.initial ?? undefined);
  const initial = (inner as number[] | undefined) ?? top.data;
  if (!data) return { config: { model: config, initial }, issues };

  const need = definition.needs?.(data.input);
  if (need) {
    const fitting = [...modelKind.definitions.values()].filter((model) => !model.needs?.(data.input));
    const message =
      `invalid model: ${definition.name} (needs ${need}; ` +
      `${data.config.name} fits ${fitting.map((model) => model.name).join(', ')})`;
    issues.push({ path: ['model'], message });
  } else if (initial) {
    const size = totalSize(definition.build(rest, data.input).parameters);
    if (initial.length !== size) {
      const path = inner ? ['model', 'initial'] : ['initial'];
      issues.push({ path, message: `invalid initial: ${initial.length} numbers (expected d = ${size})` });
    }
  }
  return issues.length > 0 ? { issues } : { config: { model: config, ...(initial && { initial }) }, issues };
}

function resolveByzantine(
  value: unknown,
  workers: number | undefined,
  input: InputSpec | undefined,
): Resolved<Config['byzantine']> {
  const given = value ?? {};
  if (!isMapping(given)) return notMapping('byzantine', value, byzantineKeys);
  const { values, issues } = parseParameters(given, byzantineKeys, 'byzantine');
  const { count, schedule } = values as Partial<Config['byzantine']>;
  const issue = (path: Path, message: string) => issues.push({ path, message });

  const fits = count !== undefined && workers !== undefined && count < workers;
  if (count !== undefined && workers !== undefined && !fits) {
    issue(['count'], `invalid count: ${count} (expected fewer than the ${workers} workers)`);
  }
  let lambda = values.lambda as number | undefined;
  if (lambda !== undefined && lambda > 0 && count === 0) {
    issue(['lambda'], `invalid lambda: ${lambda} (expected 0, as no worker is Byzantine: count is 0)`);
  }
  if (fits && valueOf(given, 'lambda') === undefined) {
    lambda = count / workers;
    if (lambda >= 0.5) {
      const reason = `${count} of ${workers} workers are Byzantine`;
      issue([], `missing lambda: ${reason}; say which fraction of the updates is Byzantine, in [0, 0.5)`);
    }
  }

  const context = fits ? { workers, byzantine: count } : undefined;
  const attack = resolveAttack(given.attack ?? 'none', context);
  issues.push(...within(['attack'], attack.issues));
  if (attack.config && input && needsLabels(attacks.get(attack.config.attack)!) && input.classes === 0) {
    issue(['attack'], `invalid attack: ${attack.config.attack} (needs labels, which points have not)`);
  }
  if (issues.length > 0 || !fits) return { issues };
  return { config: { count, lambda: lambda!, schedule: schedule!, attack: attack.config! }, issues };
}

function needsLabels(attack: AttackDefinition): boolean {
  return attack.kind === 'estimator' && attack.labels === 'flipped';
}

function resolveOptimizer(value: unknown): Resolved<OptimizerConfig> {
  const { definition, parameters, issues } = resolveNamed(value, optimizerKind);
  if (!definition || issues.length > 0) return { issues };
  return { config: { name: definition.name, ...parameters } as OptimizerConfig, issues };
}

function resolveEvaluate(value: unknown, updates: number | undefined): Resolved<Config['evaluate']> {
  const given = value ?? {};
  if (!isMapping(given)) return notMapping('evaluate', value, evaluateKeys);
  const { values, issues } = parseParameters(given, evaluateKeys, 'evaluate');
  const every = (values.every as number | undefined) ?? defaultEvaluateEvery(updates ?? 1);
  return issues.length > 0 ? { issues } : { config: { every }, issues };
}

function notMapping<T>(key: string, value: unknown, keys: object): Resolved<T> {
  const expected = `expected a mapping with ${Object.keys(keys).join(', ')}`;
  return { issues: [{ path: [], message: `invalid ${key}: ${show(value)} (${expected})` }] };
}
