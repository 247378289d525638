import type { Stack } from './vectors.js';

/**
 * Distances between all pairs of rows. Differences come before squares, so rows that nearly agree lose no digits and
 * equal rows are exactly 0 apart: a Gram matrix would give neither.
 */
export function pairwiseDistances(stack: Stack): Float64Array[] {
  const { size } = stack;
  const distances = Array.from({ length: size }, () => new Float64Array(size));
  for (let i = 0; i + 1 < size; i++) {
    const later = Array.from({ length: size - i - 1 }, (_, k) => i + 1 + k);
    stack
      .select(later)
      .distancesTo(stack.row(i))
      .forEach((distance, k) => (distances[i][later[k]] = distances[later[k]][i] = distance));
  }
  return distances;
}
