import { show } from '../config/describe.js';
import { isMapping, type Mapping } from '../config/mapping.js';
import { nearest } from '../config/suggest.js';
import { axesOf, axis, axisPaths, axisValues, findAxis, type AxisValue } from '../results/axes.js';
import type { Cell } from './cells.js';

/** Values of axes that a cell has to have. */
export type Conditions = ReadonlyMap<string, AxisValue>;

/**
 * `where` or `against` as conditions on the axes of some cells. Keys are as short as in figures (`attack`, `rule`,
 * `lambda`), values as configs write them: a name or a mapping of a name and parameters, a list of meta-aggregators.
 *
 * @throws UserError for a key that is no axis of these cells
 */
export function readConditions(given: Mapping, cells: readonly Cell[]): Conditions {
  const paths = axisPaths(cells);
  const conditions = new Map<string, AxisValue>();
  for (const [key, value] of Object.entries(given)) read(key, value, paths, conditions);
  return conditions;
}

function read(key: string, value: unknown, paths: readonly string[], into: Map<string, AxisValue>): void {
  if (isMapping(value)) {
    for (const [below, entry] of Object.entries(value)) read(`${key}.${below}`, entry, paths, into);
    return;
  }
  const path = findAxis(key, paths);
  const written = path === axis.meta ? chainOf(value) : value;
  for (const [each, entry] of axesOf({ [path]: written ?? undefined }, '')) {
    if (each !== axis.hash || path === axis.hash) into.set(each, entry);
  }
}

/** Meta-aggregators as resolved configs have them: [ctma], ctma, "nnm+ctma", none and null are all understood. */
function chainOf(value: unknown): unknown {
  if (value === null || value === 'none') return [];
  const list: unknown[] =
    typeof value === 'string' ? value.split('+') : Array.isArray(value) ? value : [value];
  return list.map((entry) => (isMapping(entry) ? entry : { rule: entry }));
}

/** Whether a cell has all of these values. */
export function meets({ axes }: Cell, conditions: Conditions): boolean {
  return [...conditions].every(([path, value]) => axes.get(path) === value);
}

/** "byzantine.attack.attack = sign-flop (did you mean sign-flip?)": why no cell meets the conditions. */
export function whyNone(cells: readonly Cell[], conditions: Conditions): string {
  const wrong = [...conditions].find(([path, value]) => !cells.some(({ axes }) => axes.get(path) === value));
  if (!wrong)
    return `no run has ${[...conditions].map(([path, value]) => assignment(path, value)).join(' and ')}`;
  const [path, value] = wrong;
  const values = axisValues(cells, path).map(written);
  const guess = typeof value === 'string' ? nearest(value, values) : undefined;
  return `no run has ${assignment(path, value)} (${guess ? `did you mean ${guess}?` : `they have ${values.join(', ')}`})`;
}

/** `where` or `against` as the user wrote it: "attack = sign-flip, weighted = true". */
export function describeConditions(given: Mapping): string {
  return Object.entries(given)
    .map(([key, value]) => `${key} = ${show(value)}`)
    .join(', ');
}

export function assignment(path: string, value: AxisValue): string {
  return `${path} = ${written(value)}`;
}

function written(value: AxisValue): string {
  return value === undefined ? 'none' : String(value);
}
