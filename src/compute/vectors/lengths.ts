import { ExperimentError } from '../../base/errors.js';

/** Lengths and products in float64 that neither overflow nor underflow on the way. */

type Numbers = Float32Array | Float64Array;

/** |a - b|. @throws ExperimentError where it is beyond the range of numbers */
export function distance(a: Numbers, b: Numbers): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) {
    const difference = a[k] - b[k];
    total += difference * difference;
  }
  return isSafe(total) ? Math.sqrt(total) : scaledLength(a.length, (k) => a[k] - b[k]);
}

/** |a|. @throws ExperimentError where it is beyond the range of numbers */
export function norm(a: Numbers): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k] * a[k];
  return isSafe(total) ? Math.sqrt(total) : scaledLength(a.length, (k) => a[k]);
}

/** <a, b>; infinite where it is beyond the range of numbers. */
export function innerProduct(a: Numbers, b: Numbers): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k] * b[k];
  if (isSafe(Math.abs(total))) return total;
  const [unitA, unitB] = [a, b].map((values) => unitOf(largest(values.length, (k) => values[k])));
  let scaled = 0;
  for (let k = 0; k < a.length; k++) scaled += (a[k] / unitA) * (b[k] / unitB);
  return scaled * unitA * unitB;
}

/** √(Σ weights[i] values[i]² / divisor) */
export function rootOfSquares(values: Float64Array, weights: readonly number[], divisor: number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += weights[i] * values[i] ** 2;
  if (isSafe(total)) return Math.sqrt(total / divisor);
  const unit = unitOf(largest(values.length, (i) => values[i]));
  total = 0;
  for (let i = 0; i < values.length; i++) total += weights[i] * (values[i] / unit) ** 2;
  return unit * Math.sqrt(total / divisor);
}

/**
 * A power of two near a nonnegative number, 1 near 0. Dividing by it is exact, and leaves numbers whose squares are in
 * range.
 */
export function unitOf(value: number): number {
  return value > 0 ? 2 ** Math.min(1023, Math.floor(Math.log2(value))) : 1;
}

/** Whether a sum of squares can neither have overflown nor have lost more than its last digits to underflow. */
export function isSafe(total: number): boolean {
  return total > 1e-280 && total < Infinity;
}

function scaledLength(length: number, value: (k: number) => number): number {
  const unit = unitOf(largest(length, value));
  let total = 0;
  for (let k = 0; k < length; k++) total += (value(k) / unit) ** 2;
  const result = unit * Math.sqrt(total);
  if (result < Infinity) return result;
  throw new ExperimentError(
    `numbers too large: the length of a vector, or of a difference, is beyond ${Number.MAX_VALUE}`,
  );
}

function largest(length: number, value: (k: number) => number): number {
  let result = 0;
  for (let k = 0; k < length; k++) result = Math.max(result, Math.abs(value(k)));
  return result;
}
