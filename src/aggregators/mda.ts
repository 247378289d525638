import { defineAggregator } from './aggregator.js';
import { pairBytes } from '../compute/vectors/kept.js';
import { meanOf, pairwiseDistances } from './arithmetic.js';
import { byzantineCount, needsMajority } from './parameters.js';

/** Minimum-diameter averaging: the mean of the n - f messages whose largest distance is least. */
export const mda = defineAggregator({
  name: 'mda',
  title: 'MDA',
  colour: 'wine',
  summary: 'mean of the n - f messages of least diameter',
  source: 'Rousseeuw, 1985; El Mhamdi et al., Genuinely Distributed Byzantine Machine Learning, PODC 2020',
  weighted: false,
  keeps: pairBytes,
  parameters: { f: byzantineCount },
  check: needsMajority,
  create:
    () =>
    (messages, _, { f }) =>
      messages.combine(meanOf(leastDiameter(pairwiseDistances(messages), f), messages.size)),
});

/**
 * The n - f indices of least largest distance, lexicographically first among equal ones.
 *
 * A subset has diameter <= t if what it leaves out covers every conflict, a pair further apart than t: a vertex cover
 * of f indices, found by branching. t comes from a binary search over the distances.
 */
export function leastDiameter(distances: readonly Float64Array[], f: number): number[] {
  const n = distances.length;
  const all = distances.map((_, i) => i);
  const candidates = [...new Set(distances.flatMap((row, i) => [...row.subarray(i)]))].sort((a, b) => a - b);
  let low = 0;
  let high = candidates.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (coverable(all, conflictsBeyond(candidates[middle]), f)) high = middle;
    else low = middle + 1;
  }

  const conflicts = conflictsBeyond(candidates[low]);
  const kept: number[] = [];
  let left = all;
  while (kept.length < n - f) {
    // What keeps the first index costs its conflicts; where that cannot be afforded the index itself goes.
    const [first, ...rest] = left;
    const without = rest.filter((i) => !conflicts[first][i]);
    const budget = f - (n - kept.length - left.length);
    const spent = rest.length - without.length;
    if (spent <= budget && coverable(without, conflicts, budget - spent)) {
      kept.push(first);
      left = without;
    } else left = rest;
  }
  return kept;

  function conflictsBeyond(t: number): boolean[][] {
    return distances.map((row) => Array.from(row, (distance) => distance > t));
  }
}

/** Whether leaving out at most `budget` of these indices leaves no conflict between the others. */
function coverable(indices: readonly number[], conflicts: readonly boolean[][], budget: number): boolean {
  let worst: readonly number[] = [];
  let worstIndex = -1;
  let pairs = 0;
  for (const i of indices) {
    const against = indices.filter((j) => conflicts[i][j]);
    pairs += against.length / 2;
    if (against.length > worst.length) [worst, worstIndex] = [against, i];
  }
  if (pairs === 0) return true;
  // No index settles more conflicts than the worst one.
  if (pairs > budget * worst.length) return false;
  const others = indices.filter((i) => i !== worstIndex);
  if (coverable(others, conflicts, budget - 1)) return true;
  return (
    worst.length <= budget &&
    coverable(
      others.filter((i) => !worst.includes(i)),
      conflicts,
      budget - worst.length,
    )
  );
}
