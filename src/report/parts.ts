import type { DrawnPoint } from './drawn.js';
import { groupBy } from '../study/grouping.js';

/** Points of one curve that are drawn in one go: neighbours, or one that has none. */
export type Part = readonly DrawnPoint[];

/** The parts of curves that lines go through. */
export function lineParts(points: readonly DrawnPoint[]): Part[] {
  const curves = [...groupBy(points, ({ series }) => series).values()];
  return curves.flatMap((curve) => [...groupBy(curve, ({ segment }) => segment).values()]);
}

/** The parts of a line that have a band. */
export function bandParts(line: Part): Part[] {
  const parts: DrawnPoint[][] = [[]];
  for (const point of line) {
    if (point.low === undefined) parts.push([]);
    else parts[parts.length - 1].push(point);
  }
  return parts.filter(({ length }) => length > 0);
}

export function isRun({ length }: Part): boolean {
  return length > 1;
}

export function isSingle({ length }: Part): boolean {
  return length === 1;
}
