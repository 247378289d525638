import type { Column } from '../simulation/columns.js';
import type { Series } from './series.js';
import type { CurvePoint } from './summary.js';

/** A point of a curve as it is drawn: in the unit of the axis, percent for fractions. */
export interface DrawnPoint {
  series: Series;
  x: number;
  mean: number;
  /** The edges of the band, where there is one: a deviation to either side. */
  low?: number;
  high?: number;
  /** Points of a series are joined by a line only within a segment. */
  segment: number;
}

export function drawnPoint(column: Column, { series, x, mean, deviation, segment }: CurvePoint): DrawnPoint {
  const unit = column.fraction ? 100 : 1;
  const drawn = (value: number) => drawable(unit * value);
  const point = { series, x, mean: drawn(mean), segment };
  if (deviation === undefined) return point;
  return { ...point, low: drawn(mean - deviation), high: drawn(mean + deviation) };
}

/** The ends of doubles leave no room for the arithmetic of axes. */
export function drawable(value: number): number {
  if (Math.abs(value) < 1e-300) return 0;
  return Math.max(-1e300, Math.min(1e300, value));
}
