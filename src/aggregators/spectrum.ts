import { sum } from './arithmetic.js';

/**
 * <x_i - μ, x_j - μ> from distances, with μ the mean of the rows weighted by `shares` (their sum 1): double centering
 * of the squared distances (Gower, Biometrika 53, 1966). Free of the cancellation of inner products far from 0.
 */
export function centeredGram(
  distances: readonly ArrayLike<number>[],
  shares: readonly number[],
): Float64Array[] {
  const squares = distances.map((row) => Float64Array.from(row, (distance) => distance * distance));
  const means = squares.map((row) => sum(row.map((square, j) => shares[j] * square)));
  const mean = sum(means.map((value, i) => shares[i] * value));
  return squares.map((row, i) => row.map((square, j) => (means[i] + means[j] - square - mean) / 2));
}

/** Whether every eigenvalue of a symmetric matrix is below `bound`: then bound I - matrix has a Cholesky factor. */
export function isBelow(matrix: readonly Float64Array[], bound: number): boolean {
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

/** The largest eigenvalue of a symmetric matrix and its unit eigenvector, by cyclic Jacobi rotations to convergence. */
export function topEigenpair(matrix: readonly Float64Array[]): { value: number; vector: Float64Array } {
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
