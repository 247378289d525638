import { defineAggregator } from './aggregator.js';
import { pairBytes } from '../compute/vectors/kept.js';
import { meanOf, pairwiseDistances } from './arithmetic.js';
import { byzantineCount, needsMajority } from './parameters.js';
import { centeredGram, inUnits, isBelow, topEigenpair } from './spectrum.js';

const maxSubsets = 1_000_000;

/** Smallest maximum eigenvalue averaging: the mean of the n - f messages whose covariance has the least top eigenvalue. */
export const smea = defineAggregator({
  name: 'smea',
  title: 'SMEA',
  colour: 'red',
  summary: 'mean of the n - f messages of least variance in the worst direction',
  source: 'Allouah et al., On the Privacy-Robustness-Utility Trilemma, ICML 2023',
  weighted: false,
  keeps: pairBytes,
  parameters: { f: byzantineCount },
  check(parameters, context) {
    const f = parameters.f ?? context.byzantine;
    const n = context.workers;
    if (binomial(n, f) > maxSubsets)
      return `f = ${f} of n = ${n} leaves too many subsets (more than ${maxSubsets})`;
    return needsMajority(parameters, context);
  },
  create:
    () =>
    (messages, _, { f }) =>
      messages.combine(meanOf(leastVariance(pairwiseDistances(messages), f), messages.size)),
});

/**
 * The n - f indices of least top eigenvalue of their scatter matrix, lexicographically first among equal ones. Branch
 * and bound: a subset's scatter only grows with more members.
 */
export function leastVariance(distances: readonly Float64Array[], f: number): number[] {
  const n = distances.length;
  let best: number[] = [];
  // An eigenvalue in squared units of its subset: others may be beyond the range of numbers there.
  let least = { value: Infinity, unit: 1 };
  const extend = (members: readonly number[], from: number) => {
    const { unit, matrix } = scatter(distances, members);
    if (members.length > 1 && best.length > 0 && !isBelow(matrix, least.value * (least.unit / unit) ** 2))
      return;
    if (members.length === n - f) {
      best = [...members];
      // Equal but for rounding is no improvement.
      least = { value: topEigenpair(matrix).value * (1 - 1e-12), unit };
      return;
    }
    for (let i = from; i <= f + members.length; i++) extend([...members, i], i + 1);
  };
  extend([], 0);
  return best;
}

/** <x_i - x̄, x_j - x̄> over the members, in squared units: the eigenvalues, but for zeros, of Σ (x_i - x̄)(x_i - x̄)ᵀ. */
function scatter(
  distances: readonly Float64Array[],
  members: readonly number[],
): { unit: number; matrix: Float64Array[] } {
  const { unit, scaled } = inUnits(members.map((i) => Float64Array.from(members, (j) => distances[i][j])));
  return {
    unit,
    matrix: centeredGram(
      scaled,
      members.map(() => 1 / members.length),
    ),
  };
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}
