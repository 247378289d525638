import { unitOf } from '../compute/vectors/lengths.js';
import { sum } from './arithmetic.js';

/**
 * Distances divided by a power of two near the largest of them, so that their squares are in range; the unit is 0 where
 * all are 0. Eigenvalues of what is made of them are in squared units.
 */
export function inUnits(distances: readonly Float64Array[]): { unit: number; scaled: Float64Array[] } {
  const largest = Math.max(...distances.map((row) => Math.max(...row)));
  const unit = unitOf(largest);
  return {
    unit: largest > 0 ? unit : 0,
    scaled: distances.map((row) => row.map((distance) => distance / unit)),
  };
}

/**
 * <x_i - μ, x_j - μ> from distances, with μ the mean of the rows weighted by `shares` (their sum 1): double centering
 * of the squared distances (Gower, Biometrika 53, 1966). Free of the cancellation of inner products far from 0. Squares
 * must be in range: see inUnits.
 */
export function centeredGram(
  distances: readonly ArrayLike<number>[],
  shares: readonly number[],
): Float64Array[] {
  const squares = distances.map((row) => Float64Array.from(row, (distance) => distance * distance));
  const means = squares.map((row) => product(shares, row));
  const mean = product(shares, means);
  return squares.map((row, i) => row.map((square, j) => (means[i] + means[j] - square - mean) / 2));
}

/** Whether every eigenvalue of a symmetric matrix is below `bound`: then bound I - matrix has a Cholesky factor. */
export function isBelow(matrix: readonly Float64Array[], bound: number): boolean {
  if (bound === Infinity) return true;
  const factor = matrix.map((row) => new Float64Array(row.length));
  for (let i = 0; i < matrix.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = (i === j ? bound : 0) - matrix[i][j];
      for (let k = 0; k < j; k++) rest -= factor[i][k] * factor[j][k];
      if (j < i) factor[i][j] = rest / factor[j][j];
      else if (rest > 0) factor[i][i] = Math.sqrt(rest);
      else return false;
    }
  }
  return true;
}

export interface Eigenpair {
  value: number;
  vector: Float64Array;
}

/** The largest eigenvalue of a symmetric matrix and its unit eigenvector, by cyclic Jacobi rotations to convergence. */
export function topEigenpair(matrix: readonly Float64Array[]): Eigenpair {
  const n = matrix.length;
  const a = matrix.map((row) => row.slice());
  // Row i is the eigenvector of a[i][i], in the end.
  const vectors = a.map((_, i) => new Float64Array(n).fill(1, i, i + 1));
  const size = Math.sqrt(sum(a.map((row) => sum(row.map((value) => value * value)))));
  for (let sweep = 0; sweep < 50; sweep++) {
    let largest = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        largest = Math.max(largest, Math.abs(a[p][q]));
        if (a[p][q] !== 0) rotate(a, vectors, p, q);
      }
    }
    if (!(largest > 1e-14 * size)) break;
  }
  let top = 0;
  for (let i = 1; i < n; i++) if (a[i][i] > a[top][top]) top = i;
  return { value: a[top][top], vector: vectors[top] };
}

/** The rotation in the plane of p and q that makes a[p][q] 0 (Golub & Van Loan, Matrix Computations, section 8.5). */
function rotate(a: readonly Float64Array[], vectors: readonly Float64Array[], p: number, q: number): void {
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const n = a.length;
  for (let k = 0; k < n; k++) {
    const row = a[k];
    const first = row[p];
    row[p] = c * first - s * row[q];
    row[q] = s * first + c * row[q];
  }
  for (const rows of [a, vectors]) {
    const first = rows[p];
    const second = rows[q];
    for (let k = 0; k < n; k++) {
      const value = first[k];
      first[k] = c * value - s * second[k];
      second[k] = s * value + c * second[k];
    }
  }
  a[p][q] = a[q][p] = 0;
}

/**
 * As topEigenpair, of a matrix whose top eigenvector is near one of the unit vectors `starts`: by Rayleigh quotient
 * iteration (Golub & Van Loan, section 8.2.3), or by rotations where that ends at another eigenvalue.
 */
export function topEigenpairNear(
  matrix: readonly Float64Array[],
  starts: readonly Float64Array[],
): Eigenpair {
  for (const start of starts) {
    const pair = eigenpairNear(matrix, start);
    if (pair && isBelow(matrix, pair.value * (1 + 1e-12))) return pair;
  }
  return topEigenpair(matrix);
}

/** An eigenvalue and its unit eigenvector; nothing if there is none close by. */
function eigenpairNear(matrix: readonly Float64Array[], start: Float64Array): Eigenpair | undefined {
  let vector = start;
  for (let step = 0; step < 6; step++) {
    const image = vector.map((_, i) => product(matrix[i], vector));
    const value = product(image, vector);
    const residual = length(image.map((x, i) => x - value * vector[i]));
    if (residual <= 1e-14 * value) return { value, vector };
    const next = solveShifted(matrix, value, vector);
    const size = length(next);
    vector = next.map((x) => x / size);
  }
  return undefined;
}

function length(vector: Float64Array): number {
  return Math.sqrt(product(vector, vector));
}

/** <a, b> */
export function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k] * b[k];
  return total;
}

/** x with (A - shift I) x = b, by elimination with pivots; those that vanish count as rounding errors. */
function solveShifted(matrix: readonly Float64Array[], shift: number, b: Float64Array): Float64Array {
  const n = matrix.length;
  const a = matrix.map((row) => row.slice());
  const x = b.slice();
  for (let k = 0; k < n; k++) a[k][k] -= shift;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i][k]) > Math.abs(a[pivot][k])) pivot = i;
    [a[k], a[pivot]] = [a[pivot], a[k]];
    [x[k], x[pivot]] = [x[pivot], x[k]];
    a[k][k] ||= Number.EPSILON * Math.abs(shift);
    for (let i = k + 1; i < n; i++) {
      const factor = a[i][k] / a[k][k];
      for (let j = k + 1; j < n; j++) a[i][j] -= factor * a[k][j];
      x[i] -= factor * x[k];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) x[k] -= a[k][j] * x[j];
    x[k] /= a[k][k];
  }
  return x;
}
