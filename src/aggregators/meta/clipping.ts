import { z } from 'zod';
import { defineMetaAggregator } from '../aggregator.js';
import { clipped } from '../arithmetic.js';

/** x_i min(1, c/|x_i|): no message is longer than the radius. */
export const clipping = defineMetaAggregator({
  name: 'clipping',
  summary: 'messages shortened to a fixed length',
  source: 'static clipping; ByzFL',
  weighted: true,
  parameters: { radius: z.number().gt(0).describe('c: the greatest length') },
  create: ({ radius }) => ({
    transform: (messages, weights) => ({ stack: clipped(messages, messages.norms(), radius), weights }),
  }),
});
