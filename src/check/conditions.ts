import { show } from '../base/describe.js';
import { isMapping, type Mapping } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';
import { axesAt, axis, axisPaths, axisValues, findAxis, type Axes, type AxisValue } from '../config/axes.js';

/** Values of axes, of each of which a cell has to have one. */
export type Conditions = ReadonlyMap<string, readonly AxisValue[]>;

/**
 * `where` or `against` as conditions on the axes of some cells. Keys are as short as in figures (`attack`, `rule`,
 * `lambda`), values as configs write them: a name or a mapping of a name and parameters, a list of meta-aggregators.
 * Any other list stands for any of its values.
 *
 * @throws UserError for a key that is no axis of these cells
 */
export function readConditions(given: Mapping, cells: readonly { axes: Axes }[]): Conditions {
  const paths = axisPaths(cells).filter((path) => path !== axis.hash);
  const conditions = new Map<string, readonly AxisValue[]>();
  const read = (key: string, value: unknown): void => {
    if (isMapping(value)) {
      for (const [below, entry] of Object.entries(value)) read(`${key}.${below}`, entry);
      return;
    }
    const path = findAxis(key, paths, (each) => axisValues(cells, each).includes(value as AxisValue));
    const axes = axesAt(path, (path === axis.meta ? chainOf(value) : value) ?? undefined);
    const alternatives = Array.isArray(value) && path !== axis.meta ? (value as AxisValue[]) : undefined;
    if (alternatives && !axisValues(cells, path).includes(axes.get(path))) conditions.set(path, alternatives);
    else for (const [each, entry] of axes) conditions.set(each, [entry]);
  };
  for (const [key, value] of Object.entries(given)) read(key, value);
  return conditions;
}

/** Meta-aggregators as resolved configs have them: [ctma], ctma, "nnm+ctma", none and null are all understood. */
function chainOf(value: unknown): unknown {
  if (value === null || value === 'none') return [];
  const list: unknown[] =
    typeof value === 'string' ? value.split('+') : Array.isArray(value) ? value : [value];
  return list.map((entry) => (isMapping(entry) ? entry : { rule: entry }));
}

/** Whether a cell meets all conditions. */
export function meets({ axes }: { axes: Axes }, conditions: Conditions): boolean {
  return [...conditions].every(([path, values]) => values.includes(axes.get(path)));
}

/** "no run has byzantine.attack.attack = sign-flop (did you mean sign-flip?)": why no cell meets the conditions. */
export function whyNone(cells: readonly { axes: Axes }[], conditions: Conditions): string {
  const asked = (entries: Iterable<readonly [string, readonly AxisValue[]]>) =>
    [...entries].map(([path, values]) => `${path} = ${values.map(written).join(' or ')}`).join(' and ');
  const wrong = [...conditions].find(
    ([path, values]) => !cells.some(({ axes }) => values.includes(axes.get(path))),
  );
  if (!wrong) return `no run has ${asked(conditions)}`;
  const [path, [first]] = wrong;
  const known = axisValues(cells, path).map(written);
  const guess = typeof first === 'string' ? nearest(first, known) : undefined;
  return `no run has ${asked([wrong])} (${guess ? `did you mean ${guess}?` : `they have ${known.join(', ')}`})`;
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
