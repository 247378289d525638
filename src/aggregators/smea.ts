import { defineAggregator } from './aggregator.js';
import { meanOf, pairwiseDistances } from './arithmetic.js';
import { byzantineCount, needsMajority } from './parameters.js';
import { centeredGram, topEigenpair } from './spectrum.js';

const maxSubsets = 1_000_000;

/** Smallest maximum eigenvalue averaging: the mean of the n - f messages whose covariance has the least top eigenvalue. */
export const smea = defineAggregator({
  name: 'smea',
  summary: 'mean of the n - f messages of least variance in the worst direction',
  source: 'Allouah et al., On the Privacy-Robustness-Utility Trilemma, ICML 2023',
  weighted: false,
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
  let least = Infinity;
  const extend = (members: readonly number[], from: number) => {
    const value = members.length > 1 ? scatter(distances, members) : 0;
    // Equal but for rounding is no improvement.
    if (!(value < least * (1 - 1e-12) || best.length === 0)) return;
    if (members.length === n - f) {
      best = [...members];
      least = value;
      return;
    }
    for (let i = from; i <= n - (n - f - members.length); i++) extend([...members, i], i + 1);
  };
  extend([], 0);
  return best;
}

/** Top eigenvalue of Σ (x_i - x̄)(x_i - x̄)ᵀ over the members. */
function scatter(distances: readonly Float64Array[], members: readonly number[]): number {
  const among = members.map((i) => members.map((j) => distances[i][j]));
  const shares = members.map(() => 1 / members.length);
  return topEigenpair(centeredGram(among, shares)).value;
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}
