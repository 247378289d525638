import { z } from 'zod';
import type { Aggregate, AggregationContext } from '../aggregator.js';
import { cwmed } from '../cwmed.js';
import { geometricMedian } from '../geometric-median.js';
import { byzantineCount } from '../parameters.js';
import { trimmedMean } from '../trimmed-mean.js';
import { defineArrivalRule } from './arrival-rule.js';
import { add, empty, meanOf } from './buffer.js';

/** With their own defaults. */
const rules: Readonly<Record<string, (context: AggregationContext, f: number) => Aggregate>> = {
  cwmed: (context) => cwmed.create({ tie: 'lower' }, context),
  'trimmed-mean': (context, f) => trimmedMean.create({ f }, context),
  'geometric-median': (context) => geometricMedian.create({ steps: 3, floor: 0 }, context),
};

/**
 * B buffers; a message goes into its worker's, which keeps the mean of what it got. When none is empty, the server steps
 * by a rule of the B means and empties all. With workers that send running means (`optimizer: momentum`) it is BASGDm.
 */
export const basgd = defineArrivalRule({
  name: 'basgd',
  title: 'BASGD',
  synonyms: ['basgdm'],
  summary: 'means of messages in B buffers, worker p in p mod B; a rule of them as soon as none is empty',
  source: 'Yang and Li, Buffered Asynchronous SGD for Byzantine Learning, JMLR 2023',
  parameters: {
    f: byzantineCount,
    buffers: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe('B, at least 2f + 1 and at most n (default: 2f + 1)'),
    of: z
      .enum(['cwmed', 'trimmed-mean', 'geometric-median'])
      .default('cwmed')
      .describe('the rule of the means'),
  },
  defaults({ f }, { byzantine }) {
    return { buffers: 2 * (f ?? byzantine) + 1 };
  },
  check({ f = 0, buffers = 1 }, { workers: n }) {
    if (buffers < 2 * f + 1)
      return `buffers = ${buffers} needs to be at least 2f + 1 = ${2 * f + 1} (f = ${f}): Byzantine workers could fill half of them`;
    return buffers > n ? `buffers = ${buffers}, but n = ${n}: some would stay empty` : undefined;
  },
  remembers: ({ buffers }) => buffers!,
  create({ f = 0, buffers: count = 1, of }, { state, ...setting }) {
    const context = { ...setting, state, workers: count, byzantine: f, weighted: false, random: () => 0 };
    const aggregate = rules[of](context, f);
    const buffers = state.remember(
      'buffers',
      Array.from({ length: count }, () => empty),
    );
    const ones = new Array<number>(count).fill(1);
    const ids = ones.map((_, k) => k + 1);
    return ({ worker, message, vectors }) => {
      const held = buffers.value;
      const k = (worker - 1) % count;
      held[k] = add(held[k], message, vectors);
      if (held.some((buffer) => buffer.count === 0)) return 'kept';
      const means = vectors.stack(held.map((buffer) => meanOf(buffer, vectors)));
      buffers.value = held.map(() => empty);
      return aggregate(means, ones, { vectors, f, workers: ids });
    };
  },
});
