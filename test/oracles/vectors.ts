import type { Tie } from '../../src/compute/vectors/vectors.js';

/** The operations of Vectors and Stack in float64 on plain arrays, from their definitions: slow and obvious. */

export type Rows = readonly (readonly number[])[];

export const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

export const columns = (rows: Rows) => rows[0].map((_, k) => rows.map((row) => row[k]));

export const combine = (coefficients: readonly number[], rows: Rows) =>
  columns(rows).map((column) =>
    total(column.map((value, i) => (coefficients[i] === 0 ? 0 : coefficients[i] * value))),
  );

export const distances = (rows: Rows, center: readonly number[]) =>
  rows.map((row) => Math.hypot(...row.map((value, k) => value - center[k])));

/**
 * The least value v whose weight at or below it is at least half (lower), or more than half (upper). Sums of weights
 * that are not whole numbers are as good as equal where only rounding tells them apart.
 */
export function weightedMedian(rows: Rows, weights: readonly number[], tie: Tie): number[] {
  const doubt = weights.every(Number.isInteger) ? 0 : 1e-14 * total(weights);
  return columns(rows).map((column) => {
    const atMost = (v: number) => total(weights.filter((_, i) => column[i] <= v));
    const least = (enough: (weight: number) => boolean) =>
      Math.min(...column.filter((v, i) => weights[i] > 0 && enough(atMost(v))));
    const lower = least((weight) => 2 * weight >= total(weights) - doubt);
    const upper = least((weight) => 2 * weight > total(weights) + doubt);
    return { lower, upper, midpoint: lower / 2 + upper / 2 }[tie];
  });
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

export const trimmedMean = (rows: Rows, f: number) =>
  columns(rows).map((column) => total(sorted(column).slice(f, column.length - f)) / (column.length - 2 * f));

export const meanAroundMedian = (rows: Rows, keep: number, tie: Tie) =>
  columns(rows).map((column) => {
    const lower = sorted(column)[(column.length - 1) >> 1];
    const upper = sorted(column)[column.length >> 1];
    const median = { lower, upper, midpoint: lower / 2 + upper / 2 }[tie];
    const nearest = [...column].sort((a, b) => Math.abs(a - median) - Math.abs(b - median) || a - b);
    return total(nearest.slice(0, keep)) / keep;
  });

export function moments(rows: Rows, weights: readonly number[], correction: number) {
  const mean = columns(rows).map((column) => total(column.map((v, i) => weights[i] * v)) / total(weights));
  const deviation = columns(rows).map((column, k) =>
    Math.sqrt(total(column.map((v, i) => weights[i] * (v - mean[k]) ** 2)) / (total(weights) - correction)),
  );
  return { mean, deviation };
}
