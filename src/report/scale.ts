import { max, min, nice } from 'd3-array';
import type { Column } from '../simulation/columns.js';
import type { DrawnPoint } from './drawn.js';
import { limited, type Limits } from './limits.js';
import { linearTicks, logTicks, type Ticks } from './ticks.js';

/** The y axis of a panel of curves. `domain` is in the unit that is drawn: percent for fractions. */
export interface Scale {
  type: 'linear' | 'log';
  domain: Range;
}

export type Range = [low: number, high: number];

/** Quantities of this many decades or more are drawn on a logarithmic axis. */
const decades = 1;

/** Curves that rise are taken for settled after this part of the x axis. */
const unsettled = 1 / 3;

/** Where curves rise, the least part of the y axis that they take up once they are settled. */
const settledPart = 1 / 4;

/** A smaller difference than this, in percent, is not stretched to the height of a panel. */
const leastPercent = 2;

/** One axis for all panels has to leave each at least this part of its height. */
const sharedPart = 0.4;

/** About how many ticks a y axis has. It ends at one of them, and begins at one or half-way between two. */
const yTickCount = 4;

/**
 * The y axis of each panel: one for all where that squeezes none, or else as `shared` says. It ends at round numbers
 * around all curves and bands, with two exceptions: where accuracies rise steeply at first, it begins above their lowest
 * points, so that what they settle at has a quarter of the height; and a logarithmic one has no place for an edge of a
 * band near 0 or below. Limits hold for all panels, and an end that they leave open shows everything.
 */
export function yScales(
  column: Column,
  panels: readonly (readonly DrawnPoint[])[],
  limits: Limits = {},
  shared?: boolean,
): Scale[] {
  const type = isLogarithmic(
    column,
    panels.flat().map(({ mean }) => mean),
  )
    ? 'log'
    : 'linear';
  const rising = isRising(column) && !limited(limits);
  const rangeOf = type === 'log' ? logRange : rising ? risingRange : bandRange;
  const ranges = panels.filter((points) => points.length > 0).map(rangeOf);
  const all: Range = [min(ranges, ([low]) => low)!, max(ranges, ([, high]) => high)!];
  const fits = (range: Range) => size(type, range) >= sharedPart * size(type, all);
  const one = limited(limits) || (shared ?? ranges.every(fits));
  return panels.map((points) => {
    const [low, high] = rounded(column, type, one || points.length === 0 ? all : rangeOf(points));
    return { type, domain: [limits.ymin ?? low, limits.ymax ?? high] };
  });
}

/** Whether the means to draw are positive and so different that a linear axis would not show the smaller ones. */
export function isLogarithmic(column: Column, means: readonly number[]): boolean {
  const least = min(means)!;
  return !column.fraction && least > 0 && max(means)! / least >= 10 ** decades;
}

/** Whether an axis has no place for a point or for its band. */
export function isOutside({ mean, low = mean, high = mean }: DrawnPoint, { domain }: Scale): boolean {
  return Math.min(mean, low) < domain[0] || Math.max(mean, high) > domain[1];
}

/** Beside an axis of percentages no number is above 100 or below 0, though a band may be. */
export function yTicks(column: Column, { type, domain: [low, high] }: Scale): Ticks {
  if (type === 'log') return logTicks([low, high], yTickCount);
  const ends: Range = column.fraction ? [Math.max(0, low), Math.min(100, high)] : [low, high];
  return linearTicks(ends, yTickCount);
}

function isRising(column: Column): boolean {
  return column.better === 'greater';
}

function size(type: Scale['type'], [low, high]: Range): number {
  return type === 'log' ? Math.log10(high / low) : high - low;
}

function bandRange(points: readonly DrawnPoint[]): Range {
  return [min(points, ({ mean, low = mean }) => low)!, max(points, ({ mean, high = mean }) => high)!];
}

function risingRange(points: readonly DrawnPoint[]): Range {
  const [low, high] = bandRange(points);
  const start = unsettled * max(points, ({ x }) => x)!;
  const last = new Map(points.map((point) => [point.series, point]));
  const settled = bandRange(points.filter((point) => point.x > start || last.get(point.series) === point));
  const height = Math.max(settled[1] - settled[0], leastPercent) / settledPart;
  return [Math.max(low, settled[1] - height), high];
}

/** Of a band below its mean a third of a decade is shown; its lower edge may be anywhere, even below 0. */
function logRange(points: readonly DrawnPoint[]): Range {
  return [
    min(points, ({ mean, low = mean }) => Math.max(low, mean / 2))!,
    max(points, ({ mean, high = mean }) => high)!,
  ];
}

/** Round numbers around a range. */
function rounded(column: Column, type: Scale['type'], range: Range): Range {
  if (type === 'log') {
    const [low, high] = range;
    const margin = high < 2 * low ? 2 : 1;
    return [leadingDigit(low / margin, Math.floor), leadingDigit(high * margin, Math.ceil)];
  }
  if (column.fraction) return roundedPercent(range);
  const [low, high] = widened(range);
  return outward(low, high);
}

function outward(low: number, high: number): Range {
  return [nice(low, high, 2 * yTickCount)[0], nice(low, high, yTickCount)[1]];
}

/** A band may end below 0 or above 100: there it is drawn to its end, but no numbers stand beside it. */
function roundedPercent([low, high]: Range): Range {
  const middle = (low + high) / 2;
  const bottom = Math.max(0, Math.min(low, middle - leastPercent / 2, 100 - leastPercent));
  const top = Math.min(100, Math.max(high, middle + leastPercent / 2, bottom + leastPercent));
  const [roundBottom, roundTop] = outward(bottom, top);
  const margin = (high - low) / 50;
  return [low < 0 ? low - margin : roundBottom, high > 100 ? high + margin : roundTop];
}

/** An axis has a length even where all values are the same, but for rounding. */
function widened([low, high]: Range): Range {
  const greatest = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > 1e-9 * greatest) return [low, high];
  return greatest === 0 ? [0, 1] : [low - greatest / 10, high + greatest / 10];
}

/** Around values in percent, in round steps: the closer to 100, the finer, for there small differences matter. */
export function percentDomain(low: number, high: number): Range {
  const step = low < 60 ? 20 : low < 90 ? 10 : 5;
  const bottom = Math.max(0, Math.min(Math.floor(low / step) * step, 100 - step));
  return [bottom, Math.max(bottom + step, Math.min(100, Math.ceil(high / step) * step))];
}

function leadingDigit(value: number, round: (value: number) => number): number {
  const step = 10 ** Math.floor(Math.log10(value));
  return round(value / step) * step;
}
