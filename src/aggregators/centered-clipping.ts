import { z } from 'zod';
import type { Stack, Tie, Vector, Vectors } from '../compute/vectors/vectors.js';
import { UserError } from '../base/errors.js';
import { defineAggregator } from './aggregator.js';
import { rowsOf, scaledSum, sum } from './arithmetic.js';
import { medianTie } from './parameters.js';

const starts = z.union([z.enum(['zero', 'mean', 'cwmed']), z.array(z.number()).min(1)]);

/** v ← v + (1/n) Σ (x_i - v) min(1, τ/|x_i - v|), from where the last aggregation ended. */
export const centeredClipping = defineAggregator({
  name: 'centered-clipping',
  title: 'CC',
  synonyms: ['cclip'],
  colour: 'violet',
  summary: 'the last aggregate, moved by the mean of the clipped differences to it',
  source: 'Karimireddy et al., Learning from History, ICML 2021',
  weighted: false,
  parameters: {
    radius: z.number().gt(0).default(10).describe('τ: the greatest length of a difference'),
    steps: z.int().min(1).max(10_000).default(1).describe('repetitions in one aggregation'),
    start: starts.default('zero').describe('v before the first aggregation'),
    tie: medianTie,
  },
  check({ start, tie }, { dimension }) {
    if (tie !== undefined && start !== 'cwmed') return `tie = ${tie} needs start = cwmed`;
    return Array.isArray(start) && dimension !== undefined && start.length !== dimension
      ? `start has ${start.length} numbers, but messages have ${dimension}`
      : undefined;
  },
  create({ radius, steps, start, tie = 'lower' }, { state }) {
    // On the host: vectors made in an aggregation do not outlive it.
    const last = state.remember<ArrayLike<number> | undefined>('last', undefined);
    return (messages, _, { vectors }) => {
      let point = last.value ? vectors.fromHost(last.value) : startingPoint(start, tie, vectors, messages);
      for (let step = 0; step < steps; step++) {
        const factors = Array.from(messages.distancesTo(point), (distance) => Math.min(1, radius / distance));
        const coefficients = [messages.size - sum(factors), ...factors];
        point = scaledSum(vectors, 1 / messages.size, coefficients, [point, ...rowsOf(messages)]);
      }
      last.value = vectors.toHost(point);
      return point;
    };
  },
});

function startingPoint(start: z.output<typeof starts>, tie: Tie, vectors: Vectors, messages: Stack): Vector {
  const ones = new Array<number>(messages.size).fill(1);
  if (start === 'zero') return vectors.fromHost(new Float64Array(vectors.dimension));
  if (start === 'mean') return messages.combine(ones.map(() => 1 / messages.size));
  if (start === 'cwmed') return messages.weightedMedian(ones, tie);
  if (start.length !== vectors.dimension) {
    throw new UserError(
      `invalid start: ${start.length} numbers (expected ${vectors.dimension}, as messages have)`,
    );
  }
  return vectors.fromHost(start);
}
