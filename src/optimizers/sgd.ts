import { defineOptimizer, GradientStep, learningRate } from './optimizer.js';

/** d = g; x ← x - η A. */
export const sgd = defineOptimizer({
  name: 'sgd',
  title: 'SGD',
  colour: 'black',
  summary: 'workers send gradients, d = g; server x ← x - η A',
  source: 'the baseline of the papers below',
  parameters: { learningRate },
  create: ({ learningRate }) => ({
    usesReference: false,
    message: () => ({ gradient: 1, previous: 0, reference: 0 }),
    server: (vectors, start) => new GradientStep(vectors, start, learningRate),
  }),
});
