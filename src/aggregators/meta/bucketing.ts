import { z } from 'zod';
import { shuffle, type Random } from '../../base/random.js';
import { defineMetaAggregator } from '../aggregator.js';
import { meanOf } from '../arithmetic.js';

/** Means of random groups of `size` messages, the last one smaller if n is no multiple; a new order every time. */
export const bucketing = defineMetaAggregator({
  name: 'bucketing',
  summary: 'means of random groups of messages',
  source: 'Karimireddy et al., ICLR 2022',
  weighted: false,
  parameters: {
    size: z.int().min(1).optional().describe('messages in a group (default: ⌊n / 2f⌋, or 1 if f = 0)'),
  },
  defaults: (_, context) => ({ size: context.byzantine > 0 ? Math.max(1, largestSize(context)) : 1 }),
  check({ size }, context) {
    const { workers, byzantine } = context;
    return size !== undefined && size > largestSize(context)
      ? `size = ${size} needs size <= ⌊n / 2f⌋, but n = ${workers} and f = ${byzantine}`
      : undefined;
  },
  size: ({ size }, workers) => Math.ceil(workers / size!),
  create: ({ size }, { random, permutation }) => ({
    transform(messages, _, { workers }) {
      const order = permutation
        ? permutation.map((index) => workers.indexOf(index + 1)).filter((row) => row >= 0)
        : shuffled(messages.size, random);
      const groups: number[][] = [];
      for (let from = 0; from < order.length; from += size!) groups.push(order.slice(from, from + size!));
      return {
        stack: messages.mix(groups.map((group) => meanOf(group, messages.size))),
        weights: groups.map(() => 1),
      };
    },
  }),
});

/** Of larger groups, those that hold a Byzantine message may be the majority. */
function largestSize({ workers, byzantine }: { workers: number; byzantine: number }): number {
  return byzantine > 0 ? Math.floor(workers / (2 * byzantine)) : workers;
}

/** 0 to n - 1 in random order. */
function shuffled(n: number, random: Random): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  shuffle(order, random);
  return order;
}
