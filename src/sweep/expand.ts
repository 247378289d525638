import { show } from '../base/describe.js';
import { canonicalJson } from '../config/identity.js';
import { nearest } from '../base/suggest.js';
import { maxCombinations } from '../base/limits.js';
import type { Assignment, Axis, SweepIssue } from './assignment.js';
import type { Entry, SweepKeys } from './keys.js';
import type { Word } from './words.js';

/** What one experiment of a sweep changes of the base, by key. */
export type Combination = ReadonlyMap<string, Assignment>;

export interface Expansion {
  /** Keys that differ, or may: those of the matrix, then those that includes add. */
  keys: string[];
  /** In the order of the axes, the last one fastest; then those that includes add. */
  combinations: Combination[];
  issues: SweepIssue[];
}

/**
 * Every combination of the axes, less what `exclude` matches, plus `include`, with the meaning these words have in
 * GitHub Actions: an include adds its keys to the combinations that agree with it on all axes it names, or else it is a
 * combination of its own.
 *
 * The command line has the last word. A word for an axis of the file replaces its values, also in includes; a list
 * for another key is one more axis; a single value holds everywhere.
 */
export function expand(file: SweepKeys, words: readonly Word[]): Expansion {
  const axes = mergeAxes(file.axes, words);
  const axisKeys = axes.map(({ key }) => key);
  const overridden = new Map(words.map((word) => [word.key, word]));
  const fixed = words.filter(({ key }) => !axisKeys.includes(key)).map(({ values: [value] }) => value);
  const include = file.include.flatMap((entry) => narrow(entry, overridden, axisKeys));

  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count > maxCombinations) {
    const message = `too many combinations: ${count} (the limit is ${maxCombinations})`;
    return { keys: axisKeys, combinations: [], issues: [{ message, origin: axes[0].values[0].origin }] };
  }
  const issues: SweepIssue[] = [];
  // As without a matrix every include is an experiment of its own, the base is one only if there is nothing else.
  const matrix = axes.length === 0 && include.length > 0 ? [] : product(axes);
  const kept = exclude(matrix, axes, file.exclude, new Set(overridden.keys()), issues);
  const combinations = addIncludes(kept, axisKeys, include, issues);
  if (combinations.length === 0 && issues.length === 0) {
    const origin = { path: file.exclude[0]?.path ?? [] };
    issues.push({ message: 'empty sweep: every combination is excluded', origin });
  }
  const added = include.flatMap(({ assignments }) => assignments.map(({ key }) => key));
  return {
    keys: [...new Set([...axisKeys, ...added])],
    combinations: combinations.map(
      (combination) => new Map([...combination, ...fixed.map((each) => [each.key, each] as const)]),
    ),
    issues,
  };
}

function mergeAxes(axes: readonly Axis[], words: readonly Word[]): Axis[] {
  const overridden = new Map(words.map((word) => [word.key, word]));
  const known = new Set(axes.map(({ key }) => key));
  return [
    ...axes.map((axis) => overridden.get(axis.key) ?? axis),
    ...words.filter(({ key, values }) => values.length > 1 && !known.has(key)),
  ];
}

/** What the command line leaves of an include: nothing if it is about a value that an axis no longer has. */
function narrow(entry: Entry, overridden: ReadonlyMap<string, Word>, axisKeys: readonly string[]): Entry[] {
  const gone = entry.assignments.some(
    ({ key, value }) =>
      axisKeys.includes(key) && overridden.get(key)?.values.every((other) => !equal(other.value, value)),
  );
  const assignments = entry.assignments.filter(({ key }) => axisKeys.includes(key) || !overridden.has(key));
  const says =
    assignments.some(({ key }) => !axisKeys.includes(key)) || assignments.length === entry.assignments.length;
  return gone || !says ? [] : [{ ...entry, assignments }];
}

function product(axes: readonly Axis[]): Combination[] {
  return axes.reduce<Combination[]>(
    (combinations, { key, values }) =>
      combinations.flatMap((combination) => values.map((value) => new Map([...combination, [key, value]]))),
    [new Map()],
  );
}

function exclude(
  combinations: readonly Combination[],
  axes: readonly Axis[],
  entries: readonly Entry[],
  overridden: ReadonlySet<string>,
  issues: SweepIssue[],
): Combination[] {
  let kept = [...combinations];
  for (const entry of entries) {
    const before = kept.length;
    kept = kept.filter(
      (combination) =>
        !entry.assignments.every(({ key, value }) => {
          const given = combination.get(key);
          return given && matches(given.value, value);
        }),
    );
    // An axis of which the command line has taken some values may well have lost those that are excluded.
    const narrowed = entry.assignments.some(({ key }) => overridden.has(key));
    if (kept.length === before && !narrowed) issues.push(excludesNothing(entry, axes));
  }
  return kept;
}

/** The value itself, or any of a list of them. */
function matches(value: unknown, pattern: unknown): boolean {
  return equal(value, pattern) || (Array.isArray(pattern) && pattern.some((each) => equal(value, each)));
}

function excludesNothing({ assignments, path }: Entry, axes: readonly Axis[]): SweepIssue {
  const keys = axes.map(({ key }) => key);
  for (const { key, value, origin } of assignments) {
    const axis = axes.find((each) => each.key === key);
    if (!axis) {
      const guess = nearest(key, keys);
      const hint = guess ? `did you mean ${guess}?` : `the axes are ${keys.join(', ') || 'none'}`;
      return { message: `unknown axis: ${key} (${hint})`, origin, atKey: true };
    }
    if (!axis.values.some((each) => matches(each.value, value))) {
      const values = axis.values.map((each) => show(each.value));
      const guess = typeof value === 'string' ? nearest(value, values) : undefined;
      const hint = guess ? `did you mean ${guess}?` : `its values are ${values.join(', ')}`;
      return { message: `unknown value of ${key}: ${show(value)} (${hint})`, origin };
    }
  }
  return { message: 'invalid exclude: it excludes nothing that is not excluded already', origin: { path } };
}

function addIncludes(
  matrix: readonly Combination[],
  axisKeys: readonly string[],
  entries: readonly Entry[],
  issues: SweepIssue[],
): Combination[] {
  const combinations = matrix.map((combination) => new Map(combination));
  const own: Combination[] = [];
  for (const { assignments, path } of entries) {
    const conditions = assignments.filter(({ key }) => axisKeys.includes(key));
    const additions = assignments.filter(({ key }) => !axisKeys.includes(key));
    const agreeing = combinations.filter((combination) =>
      conditions.every(({ key, value }) => equal(combination.get(key)?.value, value)),
    );
    if (agreeing.length === 0) own.push(new Map(assignments.map((each) => [each.key, each])));
    else if (additions.length === 0)
      issues.push({ message: 'invalid include: the matrix has this combination already', origin: { path } });
    for (const combination of agreeing) for (const each of additions) combination.set(each.key, each);
  }
  return [...combinations, ...own];
}

function equal(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
