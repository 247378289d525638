import { defineAggregator } from './aggregator.js';
import { pairBytes } from '../compute/vectors/kept.js';
import { pairwiseDistances, shares, sum } from './arithmetic.js';
import { byzantineCount, needsMajority } from './parameters.js';
import { centeredGram, inUnits, product, topEigenpairNear } from './spectrum.js';

/**
 * Covariance-bound agnostic filter: takes weight from the messages that spread most along the direction of largest
 * variance until at most n - 2f is left, and returns the mean at which that variance was least.
 */
export const caf = defineAggregator({
  name: 'caf',
  title: 'CAF',
  colour: 'black',
  summary: 'mean filtered along the directions of largest variance',
  source: 'Allouah et al., Towards Trustworthy Federated Learning with Untrusted Participants, ICML 2025',
  weighted: false,
  keeps: pairBytes,
  parameters: { f: byzantineCount },
  check: needsMajority,
  create:
    () =>
    (messages, _, { f }) =>
      messages.combine(filteredShares(pairwiseDistances(messages), f)),
});

/** Steps that are taken one by one, and how many they are taken in where there would be more. */
const [patience, leaps] = [20_000, 200];

/**
 * The coefficients of the filtered mean: c_i ← c_i (1 - t_i / max t) while Σ c > n - 2f, t_i the squared distance from
 * the mean along the direction of largest variance, the maximum over all messages as in the published code.
 *
 * A message that lost its weight has a hold on the rest all the same: one a hundred times further out lets them lose a
 * ten-thousandth of theirs a step. Where more than 20,000 steps are ahead, 200 leaps go the same way.
 */
export function filteredShares(distances: readonly Float64Array[], f: number): number[] {
  const n = distances.length;
  let weights = new Array<number>(n).fill(1);
  let best = shares(weights);
  let least: { value: number; unit: number } | undefined;
  let directions: Float64Array[] = [];
  let frame = inUnitsOfKept(distances, weights);
  // More than n - 2f by more than sums round.
  while (sum(weights) > (n - 2 * f) * (1 + 1e-12)) {
    const parts = shares(weights);
    const { unit, scaled } = frame;
    const roots = parts.map(Math.sqrt);
    const gram = centeredGram(scaled, parts);
    // The covariance Σ p_i (x_i - μ)(x_i - μ)ᵀ has the non-zero eigenvalues of √p_i √p_j <x_i - μ, x_j - μ>.
    const matrix = gram.map((row, i) => row.map((value, j) => roots[i] * roots[j] * value));
    // Between two directions of nearly the same variance every step takes the other one.
    const { value, vector } = topEigenpairNear(matrix, directions);
    directions = [vector, ...directions.slice(0, 1)];
    if (!least || value * (unit / least.unit) ** 2 < least.value) [least, best] = [{ value, unit }, parts];
    if (!(value > 0)) return best;

    // But for a factor t.
    const along = roots.map((root, j) => root * vector[j]);
    const spread = gram.map((row) => product(along, row) ** 2);
    const widest = Math.max(...spread);
    const loss = sum(weights.map((weight, i) => weight * (spread[i] / widest)));
    const ahead = (2 * f) / loss;
    const before = weights;
    weights =
      ahead <= patience
        ? weights.map((weight, i) => weight * (1 - spread[i] / widest))
        : weights.map((weight, i) => leaped(weight, (ahead / leaps) * (spread[i] / widest)));
    if (weights.some((weight, i) => weight === 0 && before[i] > 0)) frame = inUnitsOfKept(distances, weights);
  }
  return best;
}

/** A weight after steps that took `loss` of it each time, all at once; rounding would have left nothing of a trace. */
function leaped(weight: number, loss: number): number {
  const left = weight * Math.exp(-loss);
  return left > Number.EPSILON ? left : 0;
}

/**
 * Distances in units of those between messages that have weight. Others may be as far as they like: as far as t² is in
 * range.
 */
function inUnitsOfKept(
  distances: readonly Float64Array[],
  weights: readonly number[],
): { unit: number; scaled: Float64Array[] } {
  const kept = distances.map((row, i) =>
    row.map((distance, j) => (weights[i] > 0 && weights[j] > 0 ? distance : 0)),
  );
  const { unit } = inUnits(kept);
  return {
    unit,
    scaled: distances.map((row) => row.map((distance) => Math.min(distance / (unit || 1), 1e75))),
  };
}
