import { z } from 'zod';
import type { Values } from '../base/definition.js';
import { defineAggregator } from './aggregator.js';
import { pairBytes } from '../compute/vectors/kept.js';
import { isSafe, norm } from '../compute/vectors/lengths.js';
import { ascending, meanOf, pairwiseDistances, sum } from './arithmetic.js';
import { byzantineCount, needsMajority } from './parameters.js';
import { product } from './spectrum.js';

const scoring = {
  f: byzantineCount,
  distance: z.enum(['squared', 'plain']).default('squared').describe('what a score sums'),
  neighbours: z
    .enum(['n-f-2', 'n-f-1'])
    .default('n-f-2')
    .describe('how many nearest others a score counts: the paper, or ByzFL'),
};

type Scoring = Values<typeof scoring>;

/** The message with the least sum of squared distances to its nearest others; the first of equal ones. */
export const krum = defineAggregator({
  name: 'krum',
  title: 'Krum',
  colour: 'red',
  summary: 'the message nearest to its n - f - 2 nearest others',
  source: 'Blanchard et al., NeurIPS 2017; neighbours n-f-1: ByzFL',
  weighted: false,
  keeps: pairBytes,
  parameters: scoring,
  check: checkNeighbours,
  create:
    (parameters) =>
    (messages, _, { f }) => {
      const [best] = ascending(krumScores(pairwiseDistances(messages), f, parameters));
      return messages.combine(meanOf([best], messages.size));
    },
});

/** The mean of the m messages of least Krum score. */
export const multiKrum = defineAggregator({
  name: 'multi-krum',
  title: 'Multi-Krum',
  colour: 'blue',
  summary: 'mean of the m messages of least Krum score',
  source: 'Blanchard et al., NeurIPS 2017; neighbours n-f-1: ByzFL',
  weighted: false,
  keeps: pairBytes,
  parameters: { ...scoring, m: z.int().min(1).optional().describe('how many messages (default: n - f)') },
  defaults: ({ f }, { workers, byzantine }) => ({ m: workers - (f ?? byzantine) }),
  check(parameters, context) {
    const { m } = parameters;
    if (m !== undefined && m > context.workers) return `m = ${m} needs m <= n, but n = ${context.workers}`;
    return checkNeighbours(parameters, context);
  },
  create:
    ({ m, ...parameters }) =>
    (messages, _, { f }) => {
      const order = ascending(krumScores(pairwiseDistances(messages), f, parameters));
      return messages.combine(meanOf(order.slice(0, m), messages.size));
    },
});

function checkNeighbours(
  parameters: Scoring,
  context: { workers: number; byzantine: number },
): string | undefined {
  if (parameters.neighbours === 'n-f-1') return needsMajority(parameters, context);
  const f = parameters.f ?? context.byzantine;
  return 2 * f + 2 < context.workers ? undefined : `f = ${f} needs 2f + 2 < n, but n = ${context.workers}`;
}

/**
 * For each message, the sum of its (squared) distances to its nearest others: at least one of them, or else all scores
 * were 0 and the first message the best, whatever it is. Scores are in the same order where squares would leave the
 * range of numbers: they are then the roots of the sums.
 */
export function krumScores(
  distances: readonly Float64Array[],
  f: number,
  { distance, neighbours }: Pick<Scoring, 'distance' | 'neighbours'>,
): number[] {
  const counted = neighbourCount(distances.length, f, neighbours);
  return scoresOf(
    othersAscending(distances).map((row) => row.subarray(0, counted)),
    distance,
  );
}

/** How many nearest others a score counts, of n messages. */
export function neighbourCount(n: number, f: number, neighbours: Scoring['neighbours']): number {
  return Math.max(1, neighbours === 'n-f-1' ? n - f - 1 : n - f - 2);
}

/** For each message, the distances to all others, least first. */
export function othersAscending(distances: readonly Float64Array[]): Float64Array[] {
  return distances.map((row, i) => row.filter((_, j) => j !== i).sort());
}

/** Krum scores by the distances that each counts, see `krumScores`. */
export function scoresOf(nearest: readonly Float64Array[], distance: Scoring['distance']): number[] {
  if (distance === 'plain') return nearest.map(sum);
  const squares = nearest.map((row) => product(row, row));
  const safe = squares.every((square, i) => isSafe(square) || nearest[i].every((d) => d === 0));
  return safe ? squares : nearest.map((row) => norm(row));
}
