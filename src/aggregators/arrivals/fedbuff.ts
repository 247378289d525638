import { z } from 'zod';
import { defineArrivalRule } from './arrival-rule.js';
import { add, empty, meanOf } from './buffer.js';

/** Every K arrivals x ← x - η (their mean). */
export const fedbuff = defineArrivalRule({
  name: 'fedbuff',
  title: 'FedBuff',
  summary: 'the mean of every K messages as they arrive',
  source: 'Nguyen et al., Federated Learning with Buffered Asynchronous Aggregation, AISTATS 2022',
  parameters: {
    size: z.int().min(1).max(10_000).default(10).describe('K, how many messages make a step'),
  },
  remembers: () => 1,
  create({ size }, { state }) {
    const buffer = state.remember('buffer', empty);
    return ({ message, vectors }) => {
      buffer.value = add(buffer.value, message, vectors);
      if (buffer.value.count < size) return 'kept';
      const mean = meanOf(buffer.value, vectors);
      buffer.value = empty;
      return mean;
    };
  },
});
