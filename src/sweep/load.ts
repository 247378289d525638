import { dirname, join } from 'node:path';
import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import { isAbout, type Issue, type Path } from '../base/issues.js';
import { maxRuns } from '../base/limits.js';
import { isMapping, type Mapping, valueOf } from '../base/mapping.js';
import type { AxisValue } from '../config/axes.js';
import { loadFiles, type ConfigFiles } from '../config/files.js';
import { givenKeys } from '../config/given.js';
import { identify, runFolder } from '../config/identity.js';
import type { LoadedConfig } from '../config/loaded.js';
import { modulesNamed, sumsOf } from '../config/modules.js';
import { defaultName } from '../config/name.js';
import type { Machine } from '../config/needs.js';
import { applyOverride } from '../config/overrides.js';
import { ConfigError, type Problem } from '../config/problems.js';
import { resolveConfig } from '../config/resolve.js';
import { besideExperiment } from '../config/schema.js';
import { readSource, type Source } from '../config/source.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { Column } from '../simulation/columns.js';
import { columnsOf } from '../simulation/mode.js';
import type { Assignment, SweepIssue } from './assignment.js';
import { expand, type Combination } from './expand.js';
import { readFigures, type StudyFigure } from './figures.js';
import { readSweepKeys, sweepKeyOf } from './keys.js';
import { labelIn, labelOf } from './label.js';
import type { SlurmKeys } from './slurm/keys.js';
import type { PlannedRun, Sweep } from './sweep.js';
import { parseWords } from './words.js';

/** How a config is read. */
export interface LoadOptions {
  /** Must be able to hold each run; default: any machine will do. */
  machine?: Machine;
  /** What the file holds, where it has been read: from a pipe, that goes once. */
  source?: Source;
}

/**
 * Reads a sweep, or a config as a sweep of its seeds, and resolves every combination of its axes. All problems are
 * reported at once in one ConfigError, one line each: `file:line:column: message`, or `command line: word: message`.
 *
 * @param overrides words of the command line: `key=value`, `key=a,b,c`, `key=range(0,5)`
 * @param catalogue what the config may name
 * @param out the folder around `out/name`
 * @throws UserError where there is no such file
 */
export async function loadSweep(
  file: string,
  overrides: readonly string[],
  catalogue: Catalogue,
  { out, ...options }: LoadOptions & { out: string },
): Promise<Sweep> {
  const { experiments, axes, figures, slurm } = await load(file, overrides, catalogue, options);
  const columns = axes.filter((key) => !besideExperiment.includes(key));
  const { name } = experiments[0].config;
  return {
    name,
    folder: join(out, name),
    axes: [...columns, 'seed'],
    columns: [...new Set(experiments.flatMap((each) => each.columns.map((column) => column.name)))],
    figures,
    runs: experiments.flatMap((experiment) => runsOf(experiment, columns, out)),
    slurm,
  };
}

/**
 * Reads a config of one experiment: a sweep without axes.
 * @throws ConfigError and UserError as loadSweep; UserError for a sweep
 */
export async function loadConfig(
  file: string,
  overrides: readonly string[],
  catalogue: Catalogue,
  options: LoadOptions = {},
): Promise<LoadedConfig> {
  const source = options.source ?? (await readSource(file));
  const key = sweepKeyOf(source.value);
  if (key !== undefined)
    throw new UserError(`${file} is a sweep: it has the key ${key}; use byzsim sweep ${file}`);
  const { experiments, axes } = await load(file, overrides, catalogue, { ...options, source });
  if (axes.length > 0)
    throw new UserError(`${axes.join(', ')} takes several values: use byzsim sweep ${file}`);
  const [{ config, needs, identity, given }] = experiments;
  return { config, needs, identity, given };
}

/** Every experiment of a sweep, and the keys that differ. */
async function load(
  file: string,
  overrides: readonly string[],
  catalogue: Catalogue,
  { machine, source: read }: LoadOptions,
): Promise<{ experiments: Experiment[]; axes: string[]; figures: StudyFigure[]; slurm: SlurmKeys }> {
  const source = read ?? (await readSource(file));
  const { words, issues: wrongWords } = parseWords(overrides);
  const given = isMapping(source.value) ? source.value : {};
  const { issues: wrongKeys, ...keys } = readSweepKeys(given);
  const { figures, issues: wrongFigures } = readFigures(given, columnsOf(catalogue.modes.values()));
  const { keys: axes, combinations, issues: wrongPlan } = expand(keys, words);
  const wrong = [...wrongWords, ...wrongKeys, ...wrongFigures, ...wrongPlan];

  const resolved = await resolveAll(source.value, file, combinations, axes, { catalogue, machine });
  const problems = [...wrong.map((issue) => locate(issue, source)), ...problemsOf(resolved, source)];
  if (problems.length === 0) problems.push(...duplicates(resolved, source));
  if (problems.length === 0) problems.push(...tooManyRuns(resolved as Experiment[], source));
  if (problems.length > 0) throw new ConfigError(file, problems, overrides);
  return { experiments: resolved as Experiment[], axes, figures, slurm: keys.slurm };
}

/** A combination that was resolved. */
interface Experiment extends LoadedConfig {
  /** In the order of application. */
  combination: readonly Assignment[];
  /** What tells it from others. */
  varying: readonly Assignment[];
  /** Of its metrics.csv. */
  columns: readonly Column[];
}

/** A combination that is wrong. */
interface Failure {
  combination: readonly Assignment[];
  varying: readonly Assignment[];
  issues: readonly Issue[];
}

async function resolveAll(
  base: unknown,
  file: string,
  combinations: readonly Combination[],
  axes: readonly string[],
  { catalogue, machine }: { catalogue: Catalogue; machine?: Machine },
): Promise<(Experiment | Failure)[]> {
  const files = new Map<string, Promise<ConfigFiles>>();
  const filesOf = (raw: unknown) => {
    const named = isMapping(raw)
      ? JSON.stringify([raw.dataset, raw.arrival, raw.network, modulesNamed(raw)])
      : '';
    if (!files.has(named)) files.set(named, loadFiles(raw, dirname(file), catalogue));
    return files.get(named)!;
  };
  const resolved = combinations.map(async (unsorted) => {
    const varying = [...unsorted.values()].filter(({ key }) => axes.includes(key));
    // What is further up comes first, so that `aggregator` does not undo `aggregator.meta`.
    const combination = [...unsorted.values()].sort((a, b) => a.path.length - b.path.length);
    const { raw, issues: wrong } = apply(base, combination);
    const named = await filesOf(raw);
    const resolved = resolveConfig(raw, defaultName(file), named, catalogue, machine);
    const { config, needs, columns, issues } = resolved;
    if (!config || !needs || !columns || wrong.length > 0)
      return { combination, varying, issues: [...wrong, ...issues] };
    const given = givenKeys(raw as Mapping);
    return {
      combination,
      varying,
      config,
      needs,
      columns,
      identity: await identify(config, { modules: named.modules && sumsOf(named.modules) }),
      given,
    };
  });
  return Promise.all(resolved);
}

function apply(base: unknown, combination: readonly Assignment[]): { raw: unknown; issues: Issue[] } {
  const issues: Issue[] = [];
  let raw = base;
  for (const assignment of combination) {
    try {
      raw = applyOverride(raw, assignment);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      issues.push({ path: assignment.path, message: error.message });
    }
  }
  return { raw, issues };
}

/** One problem for each thing wrong, however many combinations have it; says which have it if not all do. */
function problemsOf(resolved: readonly (Experiment | Failure)[], source: Source): Problem[] {
  interface Found {
    problem: Problem;
    failures: Failure[];
    /** The assignments to blame; none: the base. */
    blamed: Set<Assignment>;
  }
  const found = new Map<string, Found>();
  const numbers = new Map<string, number>();
  const numberOf = (override: string) =>
    numbers.get(override) ?? numbers.set(override, numbers.size).get(override);
  for (const failure of resolved) {
    if (!('issues' in failure)) continue;
    for (const issue of failure.issues) {
      const blamed =
        failure.combination.findLast((each) => isAbout(issue, each.path)) ??
        failure.combination.findLast((each) => madeBy(each.path, issue.path, source.value));
      const problem = placeOf(issue, blamed, source);
      // A number in place of an override: it may be long, and have thousands of problems.
      const place = 'override' in problem ? numberOf(problem.override) : problem;
      const key = JSON.stringify([place, problem.message]);
      const same = found.get(key) ?? { problem, failures: [], blamed: new Set() };
      same.failures.push(failure);
      if (blamed) same.blamed.add(blamed);
      found.set(key, same);
    }
  }
  return [...found.values()].map(({ problem, failures, blamed }) => {
    const concerned = resolved.filter(
      ({ combination }) => blamed.size === 0 || combination.some((each) => blamed.has(each)),
    );
    if (failures.length === concerned.length) return problem;
    const [{ varying }] = failures;
    const others = failures.length > 1 ? ` and ${failures.length - 1} more` : '';
    return {
      ...problem,
      message: `${problem.message}; with ${describe(varying.filter((each) => !blamed.has(each)))}${others}`,
    };
  });
}

/** Whether a mapping that a config lacks is there only because something in it was set. */
function madeBy(set: Path, path: Path, config: unknown): boolean {
  if (path.length === 0 || path.length >= set.length) return false;
  const inConfig = path.reduce<unknown>(
    (value, step) => (isMapping(value) ? valueOf(value, String(step)) : undefined),
    config,
  );
  return inConfig === undefined && path.every((step, k) => set[k] === step);
}

function placeOf({ path, message, atKey }: Issue, blamed: Assignment | undefined, source: Source): Problem {
  if (!blamed) return { ...source.position(path, atKey), message };
  const { origin } = blamed;
  if ('text' in origin) return { override: origin.text, message };
  if (atKey && path.length <= blamed.path.length)
    return { ...source.position(keyOf(origin.path), true), message };
  return { ...source.position([...origin.path, ...path.slice(blamed.path.length)], atKey), message };
}

/** Where the key of an assignment stands: in a matrix it has many values. */
function keyOf(path: Path): Path {
  return path.slice(0, path.findLastIndex((step) => typeof step === 'string') + 1);
}

function locate({ message, origin, atKey }: SweepIssue, source: Source): Problem {
  return 'text' in origin
    ? { override: origin.text, message }
    : { ...source.position(origin.path, atKey), message };
}

/** "aggregator=krum byzantine.count=4", as the command line would have it. */
function describe(assignments: readonly Assignment[]): string {
  return assignments.map(({ key, value }) => `${key}=${show(value)}`).join(' ') || 'the base';
}

/** Combinations that are the same experiment would share their run folders. */
function duplicates(resolved: readonly (Experiment | Failure)[], source: Source): Problem[] {
  const first = new Map<string, Experiment>();
  return (resolved as Experiment[]).flatMap((experiment) => {
    const { hash } = experiment.identity;
    const twin = first.get(hash);
    if (!twin) {
      first.set(hash, experiment);
      return [];
    }
    const differing = experiment.combination.find((each) => !twin.combination.includes(each));
    const message =
      `duplicate run: ${describe(experiment.varying)} is the same experiment as ` +
      `${describe(twin.varying)} (leave one out)`;
    return [locate({ message, origin: differing?.origin ?? { path: [] } }, source)];
  });
}

function tooManyRuns(experiments: readonly Experiment[], source: Source): Problem[] {
  const count = experiments.reduce((sum, { config }) => sum + config.seeds.length, 0);
  if (count <= maxRuns) return [];
  const message = `too many runs: ${count}, of ${experiments.length} combinations (the limit is ${maxRuns})`;
  return [{ ...source.position([]), message }];
}

function runsOf(
  { combination, config, needs, identity, given }: Experiment,
  columns: readonly string[],
  out: string,
): PlannedRun[] {
  const axes = columns.map((key): [string, AxisValue] => {
    const given = combination.find((each) => each.key === key);
    const label = given && labelOf(given.path, given.value);
    return [key, label ?? labelIn(config, key.split('.'))];
  });
  return config.seeds.map((seed) => ({
    id: `${identity.slug}-${identity.hash8}-seed-${seed}`,
    axes: new Map([...axes, ['seed', seed]]),
    config: { ...config, seeds: [seed] },
    identity,
    seed,
    needs,
    given,
    folder: runFolder(out, config, identity, seed),
  }));
}
