import { defineMetaAggregator } from '../aggregator.js';
import { pairBytes } from '../../compute/vectors/kept.js';
import { ascending, meanOf, pairwiseDistances } from '../arithmetic.js';
import { byzantineCount, needsMajority } from '../parameters.js';

/** Nearest-neighbour mixing: x_i becomes the mean of its n - f nearest, itself included; the first of equally near. */
export const nnm = defineMetaAggregator({
  name: 'nnm',
  title: 'NNM',
  summary: 'every message becomes the mean of its n - f nearest',
  source: 'Allouah et al., Fixing by Mixing, AISTATS 2023',
  weighted: false,
  keeps: pairBytes,
  parameters: { f: byzantineCount },
  check: needsMajority,
  create: () => ({
    transform: (messages, weights, { f }) => ({
      stack: messages.mix(
        pairwiseDistances(messages).map((distances) =>
          meanOf(ascending(distances).slice(0, messages.size - f), messages.size),
        ),
      ),
      weights,
    }),
  }),
});
