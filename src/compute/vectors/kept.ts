import { runningMedianBytes } from './running-median.js';
import { fewestRows } from './stack-memory.js';

/** Bytes that stacks made one after another keep, of m rows of d numbers, for a weighted median. */
export function medianBytes(m: number, dimension: number): number {
  return m < fewestRows ? 0 : runningMedianBytes(m, dimension);
}

/** The same for the distances between all pairs: what is kept, and the copy that a rule gets. */
export function pairBytes(m: number): number {
  return 2 * 8 * m ** 2;
}
