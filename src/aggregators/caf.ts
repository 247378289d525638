import { defineAggregator } from './aggregator.js';
import { pairwiseDistances, shares, sum } from './arithmetic.js';
import { byzantineCount, needsMajority } from './parameters.js';
import { centeredGram, topEigenpair } from './spectrum.js';

/**
 * Covariance-bound agnostic filter: takes weight from the messages that spread most along the direction of largest
 * variance until at most n - 2f is left, and returns the mean at which that variance was least.
 */
export const caf = defineAggregator({
  name: 'caf',
  summary: 'mean filtered along the directions of largest variance',
  source: 'Allouah et al., Towards Trustworthy Federated Learning with Untrusted Participants, ICML 2025',
  weighted: false,
  parameters: { f: byzantineCount },
  check: needsMajority,
  create:
    () =>
    (messages, _, { f }) =>
      messages.combine(filteredShares(pairwiseDistances(messages), f)),
});

/** The coefficients of the filtered mean. */
export function filteredShares(distances: readonly Float64Array[], f: number): number[] {
  const n = distances.length;
  let weights = new Array<number>(n).fill(1);
  let best = shares(weights);
  let least = Infinity;
  while (sum(weights) > n - 2 * f) {
    const parts = shares(weights);
    const roots = parts.map(Math.sqrt);
    const gram = centeredGram(distances, parts);
    // The covariance Σ p_i (x_i - μ)(x_i - μ)ᵀ has the non-zero eigenvalues of √p_i √p_j <x_i - μ, x_j - μ>.
    const { value, vector } = topEigenpair(
      gram.map((row, i) => row.map((product, j) => roots[i] * roots[j] * product)),
    );
    if (value < least) [least, best] = [value, parts];
    // <v, x_i - μ>² but for a factor; those without weight are done with.
    const spread = parts.map((_, i) =>
      weights[i] > 0 ? sum(gram[i].map((g, j) => roots[j] * vector[j] * g)) ** 2 : 0,
    );
    const widest = Math.max(...spread);
    if (!(widest > 0)) break;
    weights = weights.map((weight, i) => weight * (1 - spread[i] / widest));
  }
  return best;
}
