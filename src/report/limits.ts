import { max, min } from 'd3-array';
import { UserError } from '../base/errors.js';
import { drawable } from './drawn.js';
import type { Column } from '../simulation/columns.js';

/** Ends of a y axis, or of the colours of a heatmap, that a user has set; in the unit that is drawn. */
export interface Limits {
  ymin?: number;
  ymax?: number;
}

/** @throws UserError for a word that is no number */
export function parseLimits({ ymin, ymax }: { ymin?: string; ymax?: string }): Limits {
  return { ymin: parseLimit('ymin', ymin), ymax: parseLimit('ymax', ymax) };
}

/** Whether there are any. */
export function limited({ ymin, ymax }: Limits): boolean {
  return ymin !== undefined || ymax !== undefined;
}

function parseLimit(name: keyof Limits, word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const value = Number(word);
  if (word.trim() === '' || !Number.isFinite(value))
    throw new UserError(`invalid ${name}: ${word || 'nothing'} (expected a number)`);
  return drawable(value);
}

/**
 * Refuses limits that leave nothing to see.
 *
 * @param values what is drawn, in the same unit; none where no seed reaches a target
 * @param logarithmic whether the axis is
 */
export function checkLimits(
  column: Column,
  { ymin, ymax }: Limits,
  values: readonly number[],
  logarithmic: boolean,
): void {
  for (const [name, value] of Object.entries({ ymin, ymax })) {
    if (value === undefined) continue;
    if (column.fraction && (value < 0 || value > 100))
      throw new UserError(
        `invalid ${name}: ${value} (expected 0 to 100: ${column.name} is drawn in percent)`,
      );
    if (column.fraction && value > 0 && value < 1 && min(values)! >= 1)
      throw new UserError(`invalid ${name}: ${value} (expected percent, such as ${short(100 * value)})`);
    if (logarithmic && value <= 0)
      throw new UserError(`invalid ${name}: ${value} (expected more than 0: the axis is logarithmic)`);
  }
  if (ymin !== undefined && ymax !== undefined && ymin >= ymax)
    throw new UserError(`invalid ymin: ${ymin} (expected less than ymax, ${ymax})`);
  if (values.length === 0) return;
  // An axis with one end only must have a length.
  const above = (value: number) =>
    ymin === undefined || value > ymin || (value === ymin && ymax !== undefined);
  const below = (value: number) =>
    ymax === undefined || value < ymax || (value === ymax && ymin !== undefined);
  if (values.some((value) => above(value) && below(value))) return;
  const given = [ymin !== undefined && `ymin: ${ymin}`, ymax !== undefined && `ymax: ${ymax}`];
  throw new UserError(
    `invalid ${given.filter(Boolean).join(', ')} (expected to show something: ` +
      `values are between ${short(min(values)!)} and ${short(max(values)!)})`,
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
