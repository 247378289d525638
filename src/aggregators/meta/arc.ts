import { defineMetaAggregator } from '../aggregator.js';
import { clipped } from '../arithmetic.js';
import { byzantineCount, needsMajority } from '../parameters.js';

/** Adaptive robust clipping: the k = ⌊2f/n (n - f)⌋ longest messages are shortened to the (k + 1)-th largest norm. */
export const arc = defineMetaAggregator({
  name: 'arc',
  title: 'ARC',
  summary: 'longest messages shortened to the length of the next one',
  source: 'Allouah et al., Adaptive Gradient Clipping for Robust Federated Learning, ICLR 2025',
  weighted: false,
  parameters: { f: byzantineCount },
  check: needsMajority,
  create: () => ({
    transform(messages, weights, { f }) {
      const n = messages.size;
      const norms = messages.norms();
      const k = Math.floor((2 * f * (n - f)) / n);
      return { stack: clipped(messages, norms, norms.toSorted().reverse()[k]), weights };
    },
  }),
});
