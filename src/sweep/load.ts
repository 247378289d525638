import { dirname, join } from 'node:path';
import type { Config } from '../config/config.js';
import { show } from '../config/describe.js';
import { loadFiles, type ConfigFiles } from '../config/files.js';
import { identify, runFolder, type Identity } from '../config/identity.js';
import { isAbout, type Issue, type Path } from '../config/issues.js';
import { defaultName, readSource, type LoadOptions } from '../config/load.js';
import { maxRuns } from '../config/limits.js';
import { isMapping } from '../config/mapping.js';
import type { Machine, Needs } from '../config/needs.js';
import { applyOverride } from '../config/overrides.js';
import { ConfigError, type Problem } from '../config/problems.js';
import { resolveConfig } from '../config/resolve.js';
import type { Source } from '../config/source.js';
import { UserError } from '../errors.js';
import type { AxisValue } from '../results/axes.js';
import type { Assignment, SweepIssue } from './assignment.js';
import { expand, type Combination } from './expand.js';
import { readSweepKeys } from './keys.js';
import { labelIn, labelOf } from './label.js';
import type { PlannedRun, Sweep } from './sweep.js';
import { parseWords } from './words.js';

/** Keys that tell no experiments apart. */
const notAxes = ['seeds', 'thresholds'];

/**
 * Reads a sweep, or a config as a sweep of its seeds, and resolves every combination of its axes. All problems are
 * reported at once in one ConfigError, one line each.
 *
 * @param overrides words of the command line: `key=value`, `key=a,b,c`, `key=range(0,5)`
 * @param out the folder around `out/name`
 */
export async function loadSweep(
  file: string,
  overrides: readonly string[],
  out: string,
  { machine, source: given }: LoadOptions = {},
): Promise<Sweep> {
  const source = given ?? (await readSource(file));
  const { words, issues: wrongWords } = parseWords(overrides);
  const { issues: wrongKeys, ...keys } = readSweepKeys(isMapping(source.value) ? source.value : {});
  const { keys: axes, combinations, issues: wrongPlan } = expand(keys, words);
  const wrong = [...wrongWords, ...wrongKeys, ...wrongPlan];

  const resolved = await resolveAll(source.value, file, combinations, axes, machine);
  const problems = [...wrong.map((issue) => locate(issue, source)), ...problemsOf(resolved, source)];
  if (problems.length === 0) problems.push(...duplicates(resolved, source));
  if (problems.length === 0) problems.push(...tooManyRuns(resolved as Experiment[], source));
  if (problems.length > 0) throw new ConfigError(file, problems);

  const columns = axes.filter((key) => !notAxes.includes(key));
  const experiments = resolved as Experiment[];
  const name = experiments[0].config.name;
  return {
    name,
    folder: join(out, name),
    axes: [...columns, 'seed'],
    runs: experiments.flatMap((experiment) => runsOf(experiment, columns, out)),
  };
}

/** A combination that was resolved. */
interface Experiment {
  /** In the order of application. */
  combination: readonly Assignment[];
  /** What tells it from others. */
  varying: readonly Assignment[];
  config: Config;
  needs: Needs;
  identity: Identity;
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
  machine: Machine | undefined,
): Promise<(Experiment | Failure)[]> {
  const files = new Map<string, Promise<ConfigFiles>>();
  const load = (raw: unknown) => {
    const named = isMapping(raw) ? JSON.stringify([raw.dataset, raw.arrival]) : '';
    if (!files.has(named)) files.set(named, loadFiles(raw, dirname(file)));
    return files.get(named)!;
  };
  const resolved = combinations.map(async (unsorted) => {
    const varying = [...unsorted.values()].filter(({ key }) => axes.includes(key));
    // What is further up comes first, so that `aggregator` does not undo `aggregator.meta`.
    const combination = [...unsorted.values()].sort((a, b) => a.path.length - b.path.length);
    const { raw, issues: wrong } = apply(base, combination);
    const { config, needs, issues } = resolveConfig(raw, defaultName(file), await load(raw), machine);
    if (!config || !needs || wrong.length > 0) return { combination, varying, issues: [...wrong, ...issues] };
    return { combination, varying, config, needs, identity: await identify(config) };
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
      const blamed = failure.combination.findLast((each) => isAbout(issue, each.path));
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
  { combination, config, needs, identity }: Experiment,
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
    folder: runFolder(out, config, identity, seed),
  }));
}
