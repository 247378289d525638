import { axis, axisPaths, axisValues, namesOf } from '../config/axes.js';
import { UserError } from '../base/errors.js';
import type { Cell } from './cells.js';
import { assignment, meets, whyNone, type Conditions } from './conditions.js';

/**
 * The one cell that has the values of `against` and otherwise the config of `cell`. Keys that neither config gives may
 * differ: they are defaults, which follow from those that differ (an unweighted median breaks ties otherwise than a
 * weighted one). So may parameters of what `against` names: they are those of another thing. Where several cells do, the
 * one that agrees in all of these too.
 *
 * @throws UserError where there is none, or no one
 */
export function counterpartOf(cell: Cell, against: Conditions, cells: readonly Cell[]): Cell {
  const candidates = cells.filter((other) => meets(other, against));
  if (candidates.length === 0) throw new UserError(whyNone(cells, against));
  const paths = axisPaths(cells).filter((path) => path !== axis.hash && !against.has(path));
  const isDefault = (path: string, other: Cell) => !isGiven(cell, path) && !isGiven(other, path);
  const isFree = (path: string, other: Cell) =>
    isDefault(path, other) ||
    namesOf(path).some((name) => against.has(name)) ||
    (path === axis.split && [...against.keys()].some((key) => namesOf(key).includes(path)));
  const differing = (other: Cell) =>
    paths.filter((path) => cell.axes.get(path) !== other.axes.get(path) && !isFree(path, other));

  const alike = candidates.filter((other) => differing(other).length === 0);
  if (alike.length === 0) {
    const closest = candidates.reduce((a, b) => (differing(b).length < differing(a).length ? b : a));
    const others = differing(closest).map((path) => assignment(path, closest.axes.get(path)));
    throw new UserError(
      `nothing to compare ${cell.label} with: ${closest.label} comes closest and has ${others.join(', ')}; ` +
        'run what is missing, or name these keys too in against',
    );
  }
  if (alike.length === 1) return alike[0];
  const open = paths.filter((path) => axisValues(alike, path).length > 1);
  const same = alike.filter(({ axes }) => open.every((path) => axes.get(path) === cell.axes.get(path)));
  if (same.length === 1) return same[0];
  throw new UserError(
    `${alike.length} cells to compare ${cell.label} with: ${alike.map(({ label }) => label).join('; ')}; ` +
      `say which in against${open.length > 0 ? `, by ${open.join(', ')}` : ''}`,
  );
}

/** Whether the config of a cell gives a key; those of runs that do not tell count as giving every key. */
function isGiven({ given }: Cell, path: string): boolean {
  return !given || given.has(path);
}
