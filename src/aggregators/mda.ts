import { ExperimentError } from '../base/errors.js';
import { defineAggregator } from './aggregator.js';
import { pairBytes } from '../compute/vectors/kept.js';
import { meanOf, pairwiseDistances } from './arithmetic.js';
import { byzantineCount, needsMajority } from './parameters.js';
import { Remainder, type Graph } from './vertex-cover.js';

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

/** Branchings of one search: some seconds. */
const mostBranches = 100_000;

/**
 * The n - f indices of least largest distance, lexicographically first among equal ones.
 *
 * A subset has diameter <= t if what it leaves out covers every conflict, a pair further apart than t: a vertex cover
 * of f indices. t comes from a binary search over the distances. The problem is NP-hard: a search that branches without
 * end is given up.
 *
 * @throws ExperimentError where it is
 */
export function leastDiameter(distances: readonly Float64Array[], f: number): number[] {
  const n = distances.length;
  let branches = 0;
  const branch = () => {
    if (++branches > mostBranches)
      throw new ExperimentError(
        `mda: the ${n - f} of ${n} messages of least diameter were not found in ${mostBranches.toLocaleString('en')} branches of the search; it takes fewer where workers or Byzantine workers are fewer`,
      );
  };
  const isCoverable = (conflicts: Remainder, budget: number) => conflicts.isCoverable(budget, branch);

  const candidates = ascendingPairs(distances);
  // f indices cover no more pairs than these.
  const mostCovered = (f * (2 * n - f - 1)) / 2;
  let low = Math.max(0, candidates.length - 1 - mostCovered);
  let high = candidates.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isCoverable(Remainder.of(conflictsBeyond(distances, candidates[middle])), f)) high = middle;
    else low = middle + 1;
  }
  if (high < 0) return [0]; // alone

  const conflicts = conflictsBeyond(distances, candidates[high]);
  const left = Remainder.of(conflicts);
  let budget = f;
  const kept: number[] = [];
  for (let i = 0; kept.length < n - f; i++) {
    if (!left.has(i)) continue;
    // What keeps an index costs its conflicts; where that cannot be afforded the index itself goes.
    const cost = left.degree(i);
    if (cost <= budget) {
      const without = left.copy();
      for (const j of without.neighbours(i)) without.remove(j);
      if (cost === 0 || isCoverable(without, budget - cost)) {
        kept.push(i);
        for (const j of left.neighbours(i)) left.remove(j);
        budget -= cost;
        continue;
      }
    }
    left.remove(i);
    budget--;
  }
  return kept;
}

/** The distances between two, least first. */
function ascendingPairs(distances: readonly Float64Array[]): Float64Array {
  const n = distances.length;
  const pairs = new Float64Array((n * (n - 1)) / 2);
  let end = 0;
  for (let i = 1; i < n; i++) {
    pairs.set(distances[i].subarray(0, i), end);
    end += i;
  }
  return pairs.sort();
}

function conflictsBeyond(distances: readonly Float64Array[], t: number): Graph {
  return distances.map((row) => {
    const neighbours: number[] = [];
    for (let j = 0; j < row.length; j++) if (row[j] > t) neighbours.push(j);
    return neighbours;
  });
}
