import { isMapping, type Mapping } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';
import { UserError } from '../base/errors.js';
import { besideExperiment } from './schema.js';
import { noSplit } from './split.js';

export type AxisValue = string | number | boolean | undefined;

/** What a run was configured with: values by dotted path. */
export type Axes = ReadonlyMap<string, AxisValue>;

/** The axes that figures treat in a way of their own. */
export const axis = {
  mode: 'mode',
  /** How data are split over workers, as configs write it: "iid", "{dirichlet: 0.5}". */
  split: 'split',
  rule: 'aggregator.rule',
  weighted: 'aggregator.weighted',
  meta: 'aggregator.meta',
  attack: 'byzantine.attack.attack',
  /** What a scheduled attack carries out. */
  as: 'byzantine.attack.as.attack',
  serverAttack: 'servers.attack.attack',
  lambda: 'byzantine.lambda',
  count: 'byzantine.count',
  optimizer: 'optimizer.name',
  /** Tells runs apart whose configs read the same, such as those of two versions of a file. */
  hash: 'hash',
} as const;

/** Axes that name something, with the keys beside them that are no parameters of it. */
const naming: Readonly<Record<string, readonly string[]>> = {
  [axis.rule]: [axis.weighted, axis.meta],
  [axis.attack]: [],
  [axis.as]: [],
  [axis.serverAttack]: [],
  [axis.optimizer]: [],
  'model.name': [],
  'arrival.process': ['arrival.speed'],
  'network.delay.process': ['network.delay.mean'],
};

/** The axes that name what a path is a parameter of: `optimizer.name` of `optimizer.beta`. */
export function namesOf(path: string): string[] {
  const beside = (name: string) => name.slice(0, name.lastIndexOf('.') + 1);
  for (const whole of [axis.meta, axis.split]) if (path.startsWith(`${whole}.`)) return [whole];
  return Object.keys(naming).filter(
    (name) => path !== name && path.startsWith(beside(name)) && !naming[name].includes(path),
  );
}

/**
 * The axes of a resolved config. Its name, seeds and whatever else bears on no result are none. Meta-aggregators are one
 * axis, "nnm+ctma" or "none", and one for each of their parameters, `aggregator.meta.0.lambda`; so is a split,
 * "{dirichlet: 0.5}" or "iid", beside `split.dirichlet`.
 */
export function axesOf(config: Mapping, hash: string): Axes {
  const axes = new Map<string, AxisValue>();
  for (const [key, value] of Object.entries(config)) {
    if (key === axis.split) axes.set(key, splitText(value));
    if (!besideExperiment.includes(key)) flatten(key, value, axes);
  }
  if (!axes.has(axis.split)) axes.set(axis.split, noSplit);
  axes.set(axis.hash, hash);
  return axes;
}

/** The axes of one value of a config, at its path. */
export function axesAt(path: string, value: unknown): Axes {
  const axes = new Map<string, AxisValue>();
  flatten(path, value, axes);
  return axes;
}

function splitText(split: unknown): string {
  if (!isMapping(split)) return String(split);
  const entries = Object.entries(split).map(([kind, value]) => `${kind}: ${String(value)}`);
  return `{${entries.join(', ')}}`;
}

/** The path and the number of a split that has one: "{dirichlet: 0.5}" is `split.dirichlet` of 0.5. */
export function splitNumber(text: string): { path: string; value: number } | undefined {
  const [, kind, value] = /^\{(\w+): (\S+)\}$/.exec(text) ?? [];
  return kind === undefined ? undefined : { path: `${axis.split}.${kind}`, value: Number(value) };
}

function flatten(path: string, value: unknown, axes: Map<string, AxisValue>): void {
  if (isMapping(value)) {
    for (const [key, entry] of Object.entries(value)) flatten(`${path}.${key}`, entry, axes);
  } else if (Array.isArray(value) && path === axis.meta) {
    const list = value as Mapping[];
    axes.set(path, list.map(({ rule }) => String(rule)).join('+') || 'none');
    list.forEach(({ rule: _, ...parameters }, k) => flatten(`${path}.${k}`, parameters, axes));
  } else {
    axes.set(path, typeof value === 'object' ? JSON.stringify(value) : (value as AxisValue));
  }
}

/** The last words of paths that name something: `optimizer` is short for `optimizer.name`. */
const names = ['', '.name', '.rule', '.attack', '.attack.attack', '.process', '.speed'];

/**
 * The path that a user's word stands for: a path itself, or the end of one, such as `rule`, `attack`, `lambda`. Of what a
 * key may name, as `arrival` does a speed or a process, it is the first that `fits`.
 *
 * @throws UserError for a word that stands for none
 */
export function findAxis(
  word: string,
  paths: readonly string[],
  fits: (path: string) => boolean = () => true,
): string {
  const known = Object.hasOwn(axis, word) ? axis[word as keyof typeof axis] : undefined;
  const named = names.map((name) => word + name).filter((path) => paths.includes(path));
  const candidates = [
    ...(known ? [known] : []),
    ...[named.find(fits) ?? named.at(0)].filter((path) => path !== undefined),
    ...paths.filter((path) => path.endsWith(`.${word}`)),
  ];
  const found = candidates.find((path) => paths.includes(path));
  if (found !== undefined) return found;
  const hint = nearest(word, [...Object.keys(axis), ...paths]);
  throw new UserError(
    `unknown axis: ${word}${hint ? ` (did you mean ${hint}?)` : ''}; these runs have ${paths.join(', ')}`,
  );
}

/** Every axis that any of the runs has, in the order of configs; the hash, which settles all others, is last. */
export function axisPaths(runs: readonly { axes: Axes }[]): string[] {
  const paths = new Set(runs.flatMap(({ axes }) => [...axes.keys()]));
  paths.delete(axis.hash);
  return [...paths, axis.hash];
}

/** The different values of an axis, in natural order: absent and none first, then numbers by size, words by alphabet. */
export function axisValues(runs: readonly { axes: Axes }[], path: string): AxisValue[] {
  return [...new Set(runs.map(({ axes }) => axes.get(path)))].sort(naturally);
}

/** Natural order; absent and none come first, what is weighted, or otherwise true, before what is not. */
export function naturally(a: AxisValue, b: AxisValue): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(b) - Number(a);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [split, other] = [splitNumber(String(a)), splitNumber(String(b))];
  if (split && other && split.path === other.path) return split.value - other.value;
  if (a === 'none' || b === 'none') return Number(a !== 'none') - Number(b !== 'none');
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}
