import { spread } from './spread.js';
import { twoSidedP } from './student.js';

/** The level of all tests, two-sided or one-sided as they say, for each comparison on its own. */
export const significance = 0.05;

/** Two samples beside each other. */
export interface MeanDifference {
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
  /** How often chance would make as much of it: two-sided, were the means equal; one-sided, were they a bound apart. */
  p: number;
  sided: 1 | 2;
}

/**
 * Compares the means of two samples of at least one value each, without supposing that their deviations are the same
 * (B. L. Welch, Biometrika 34, 1947). Samples without any spread differ for certain or not at all.
 */
export function compareMeans(first: readonly number[], second: readonly number[]): MeanDifference {
  const [a, b] = [spread(first), spread(second)];
  const difference = a.mean - b.mean;
  if (a.deviation === undefined || b.deviation === undefined) return { difference };
  const [va, vb] = [a.deviation ** 2 / a.seeds, b.deviation ** 2 / b.seeds];
  const error = Math.sqrt(va + vb);
  if (error === 0) {
    const [t, p] = difference === 0 ? [0, 1] : [Math.sign(difference) * Infinity, 0];
    return { difference, welch: { error, t, degrees: a.seeds + b.seeds - 2, p, sided: 2 } };
  }
  const t = difference / error;
  const degrees = (va + vb) ** 2 / (va ** 2 / (a.seeds - 1) + vb ** 2 / (b.seeds - 1));
  return { difference, welch: { error, t, degrees, p: twoSidedP(t, degrees), sided: 2 } };
}

/** Values this close to a bound are on it: 0.95 - 0.93 is meant to be 0.02. */
export const rounding = 1e-12;

/**
 * Whether a difference is above a bound, one-sided: p is how often chance would put it as far above, or further, if it
 * were the bound in truth. With a bound below 0 this is the test for non-inferiority, with one above 0 that for
 * superiority by so much.
 */
export function testAbove({ difference, welch }: Required<MeanDifference>, bound: number): Welch {
  const { error, degrees } = welch;
  const excess = Math.abs(difference - bound) <= rounding ? 0 : difference - bound;
  const t = excess === 0 ? 0 : excess / error;
  const tail = twoSidedP(t, degrees) / 2;
  return { error, t, degrees, p: t > 0 ? tail : 1 - tail, sided: 1 };
}

/**
 * How surely two means differ by less than a bound, either way: the greater p of two one-sided tests (D. J. Schuirmann,
 * J. Pharmacokinetics and Biopharmaceutics 15, 1987).
 */
export function pWithin({ difference, welch }: Required<MeanDifference>, bound: number): number {
  const above = testAbove({ difference, welch }, -bound);
  const below = testAbove({ difference: -difference, welch }, -bound);
  return Math.max(above.p, below.p);
}
