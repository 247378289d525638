import { spread } from '../results/seeds.js';
import { twoSidedP } from './student.js';

/** What counts as more than noise: two-sided, for each comparison on its own. */
export const significance = 0.05;

/** Two samples beside each other. */
export interface Comparison {
  /** Of the means: first minus second. */
  difference: number;
  /** Welch's t; absent where a sample has one value only, which tells nothing of its spread. */
  welch?: Welch;
}

export interface Welch {
  /** Standard error of the difference. */
  error: number;
  t: number;
  /** Of freedom, as Welch and Satterthwaite estimate them; no integer. */
  degrees: number;
  /** Two-sided: how often equal means would differ as much by chance. */
  p: number;
}

/**
 * Compares the means of two samples of at least one value each, without supposing that their deviations are the same
 * (B. L. Welch, Biometrika 34, 1947). Samples without any spread differ for certain or not at all.
 */
export function compareMeans(first: readonly number[], second: readonly number[]): Comparison {
  const [a, b] = [spread(first), spread(second)];
  const difference = a.mean - b.mean;
  if (a.deviation === undefined || b.deviation === undefined) return { difference };
  const [va, vb] = [a.deviation ** 2 / a.seeds, b.deviation ** 2 / b.seeds];
  const error = Math.sqrt(va + vb);
  if (error === 0) {
    const [t, p] = difference === 0 ? [0, 1] : [Math.sign(difference) * Infinity, 0];
    return { difference, welch: { error, t, degrees: a.seeds + b.seeds - 2, p } };
  }
  const t = difference / error;
  const degrees = (va + vb) ** 2 / (va ** 2 / (a.seeds - 1) + vb ** 2 / (b.seeds - 1));
  return { difference, welch: { error, t, degrees, p: twoSidedP(t, degrees) } };
}
