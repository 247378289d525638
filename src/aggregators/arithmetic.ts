import type { Stack, Vector, Vectors } from '../compute/vectors/vectors.js';

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** ⌊x⌋; of an x that is whole but for rounding, that whole number. */
export function wholeAtMost(x: number): number {
  const nearest = Math.round(x);
  return isWhole(x, nearest) ? nearest : Math.floor(x);
}

/** ⌈x⌉; of an x that is whole but for rounding, that whole number: 1 / (1 / 49) is 49. */
export function wholeAtLeast(x: number): number {
  const nearest = Math.round(x);
  return isWhole(x, nearest) ? nearest : Math.ceil(x);
}

/** Far more than a few operations round, far less than anyone writes. */
function isWhole(x: number, nearest: number): boolean {
  return Math.abs(x - nearest) <= 1e-14 * Math.abs(x);
}

/** The values divided by their sum. */
export function shares(values: readonly number[]): number[] {
  const total = sum(values);
  return values.map((value) => value / total);
}

/** Σ w_i x_i / Σ w_i */
export function weightedMean(vectors: Vectors, messages: Stack, weights: readonly number[]): Vector {
  return scaledSum(vectors, 1 / sum(weights), weights, rowsOf(messages));
}

/**
 * factor · Σ coefficients[i] x_i. Scaled last, as sums of whole numbers stay exact; scaled first where the sum is beyond
 * the range of the vectors' numbers.
 */
export function scaledSum(
  vectors: Vectors,
  factor: number,
  coefficients: readonly number[],
  rows: readonly Vector[],
): Vector {
  const sums = vectors.combine(coefficients, rows);
  return vectors.isFinite(sums)
    ? vectors.combine([factor], [sums])
    : vectors.combine(
        coefficients.map((coefficient) => factor * coefficient),
        rows,
      );
}

export function rowsOf(messages: Stack): Vector[] {
  return Array.from({ length: messages.size }, (_, i) => messages.row(i));
}

/** Indices of the values, least first; equal values keep their order. */
export function ascending(values: ArrayLike<number>): number[] {
  return Array.from(values, (_, i) => i).sort((i, j) => compare(values[i], values[j]));
}

// Not the difference: that of two infinite distances is NaN.
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Coefficients of the mean of some of n rows. */
export function meanOf(indices: readonly number[], n: number): number[] {
  const coefficients = new Array<number>(n).fill(0);
  for (const index of indices) coefficients[index] = 1 / indices.length;
  return coefficients;
}

/** Every row scaled down to length `radius`, if it is longer. `norms`: their lengths. */
export function clipped(messages: Stack, norms: Float64Array, radius: number): Stack {
  return messages.mix(
    Array.from(norms, (norm, i) => {
      const coefficients = new Array<number>(messages.size).fill(0);
      coefficients[i] = norm > radius ? radius / norm : 1;
      return coefficients;
    }),
  );
}

/** Distances between all pairs of rows: `pairwiseDistances` of their stack. */
export function pairwiseDistances(messages: Stack): Float64Array[] {
  return messages.pairwiseDistances();
}
