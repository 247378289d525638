import { z } from 'zod';
import { halves } from '../compute/vectors/integer-weights.js';
import { unitOf } from '../compute/vectors/lengths.js';
import type { Stack, Vector, Vectors } from '../compute/vectors/vectors.js';
import { defineAggregator } from './aggregator.js';
import { ascending, shares, sum } from './arithmetic.js';
import { weightedMedianRobustness } from './robustness.js';

const defaultSteps = 3;
const defaultMaxSteps = 1000;

/** The point of least Σ s_i |x - x_i|, by Weiszfeld's iteration: ω-GM; RFA when `steps` are few. */
export const geometricMedian = defineAggregator({
  name: 'geometric-median',
  title: 'GM',
  synonyms: ['rfa', 'gm'],
  colour: 'amber',
  summary: 'weighted geometric median by smoothed Weiszfeld steps from 0 (RFA), or to a tolerance',
  source: 'Pillutla et al., IEEE TSP 2022; weighted: Weight for Robustness, NeurIPS 2024',
  weighted: true,
  parameters: {
    steps: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(`Weiszfeld steps from 0 (default: ${defaultSteps}, unless a tolerance is given)`),
    floor: z.number().min(0).default(0).describe('ν: distances below it count as ν'),
    tolerance: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe(
        'start from the median and stop when a step is shorter than this part of the median distance',
      ),
    maxSteps: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe(`with a tolerance: stop after so many steps anyway (default: ${defaultMaxSteps})`),
  },
  defaults: ({ tolerance }) =>
    tolerance === undefined ? { steps: defaultSteps } : { maxSteps: defaultMaxSteps },
  check({ steps, tolerance, maxSteps }) {
    if (steps !== undefined && tolerance !== undefined) {
      return `steps = ${steps} and tolerance = ${tolerance} exclude each other`;
    }
    if (maxSteps !== undefined && tolerance === undefined) return `maxSteps = ${maxSteps} needs a tolerance`;
    return undefined;
  },
  // A few steps from 0 are no median.
  robustness: ({ tolerance }, lambda) =>
    tolerance === undefined ? undefined : weightedMedianRobustness(lambda),
  create({ steps, floor, tolerance, maxSteps }) {
    if (tolerance !== undefined) {
      return (messages, weights, { vectors }) =>
        converge(vectors, messages, weights, floor, tolerance, maxSteps!);
    }
    return (messages, weights, { vectors }) => {
      let point: Vector | undefined;
      for (let step = 0; step < steps!; step++) {
        const next = weiszfeldStep(vectors, messages, weights, floor, point);
        if (point) vectors.release(point);
        point = next.point;
      }
      return point!;
    };
  },
});

function converge(
  vectors: Vectors,
  messages: Stack,
  weights: readonly number[],
  floor: number,
  tolerance: number,
  maxSteps: number,
): Vector {
  let point = messages.weightedMedian(weights, 'midpoint');
  const unit = unitOf(sum(weights)); // of the weights, so that their sum does not overflow
  let lastObjective = Infinity;
  let lastMoved = Infinity;
  for (let step = 0; step < maxSteps; step++) {
    const next = weiszfeldStep(vectors, messages, weights, floor, point);
    const moved = vectors.stack([next.point]).distancesTo(point)[0];
    vectors.release(point);
    point = next.point;
    if (moved <= tolerance * medianOf(next.distances, weights)) break;
    // Weiszfeld descends: where the objective does not fall and steps do not shrink, rounding has the last word.
    const objective = sum(weights.map((weight, i) => (weight > 0 ? (weight / unit) * next.distances[i] : 0)));
    if (objective >= lastObjective && moved >= lastMoved) break;
    [lastObjective, lastMoved] = [objective, moved];
  }
  return point;
}

/** The least value at or below which lies half the weight. */
function medianOf(values: ArrayLike<number>, weights: readonly number[]): number {
  const { integers, lower } = halves(weights);
  let cumulative = 0n;
  return values[ascending(values).find((i) => (cumulative += integers[i]) > lower)!];
}

/**
 * One Weiszfeld step from `point` (0 if absent), and the distances to it. Messages that lie on the point itself pull
 * with at most their own weight (Vardi & Zhang, PNAS 97(4), 2000, eq. 2.6): dividing by a distance of 0 would make the
 * point theirs for good.
 */
function weiszfeldStep(
  vectors: Vectors,
  messages: Stack,
  weights: readonly number[],
  floor: number,
  point: Vector | undefined,
): { point: Vector; distances: Float64Array } {
  const distances = point ? messages.distancesTo(point) : messages.norms();
  const reaches = distances.map((distance) => Math.max(distance, floor));
  const here = sum(weights.filter((_, i) => reaches[i] === 0));
  // In units of the nearest, or the pulls of messages very near could be beyond the range of numbers.
  const unit = unitOf(Math.min(...reaches.filter((reach) => reach > 0)));
  const elsewhere = weights.map((weight, i) => (reaches[i] > 0 ? weight / (reaches[i] / unit) : 0));
  const total = sum(elsewhere);
  if (total === 0) return { point: messages.combine(shares(weights)), distances };

  const target = messages.combine(elsewhere.map((pull) => pull / total));
  if (here === 0) return { point: target, distances };
  const reach = vectors.stack([target]);
  const force = total * ((point ? reach.distancesTo(point) : reach.norms())[0] / unit);
  const stay = Math.min(1, here / force);
  const next = point
    ? vectors.combine([1 - stay, stay], [target, point])
    : vectors.combine([1 - stay], [target]);
  vectors.release(target);
  return { point: next, distances };
}
