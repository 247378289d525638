import { defineOptimizer, GradientStep, stepKeys, z } from 'byzsim';

/** Workers send the mean of their gradients so far, in which those older than `window` fade: momentum that warms up. */
export default defineOptimizer({
  name: 'NAME',
  summary: 'workers send the mean of about their last gradients; server x ← x - η A',
  parameters: {
    // learningRate, weightDecay and milestones, which every optimizer has.
    ...stepKeys,
    window: z.int().min(1).default(10).describe('how many gradients the mean is of'),
  },
  create: ({ learningRate, window, ...others }) => ({
    // Whether a message needs the gradient at a reference point, as that of mu2-sgd does.
    usesReference: false,
    // Of a worker's message number `count`, from 1: what its gradient and its previous message count.
    message(count) {
      const length = Math.min(count, window);
      return { gradient: 1 / length, previous: 1 - 1 / length, reference: 0 };
    },
    server: (vectors, start) => new GradientStep(vectors, start, learningRate, others),
  }),
});
