import { defineOptimizer, GradientStep, stepKeys } from './optimizer.js';

/** d = g; x ← x - η A. */
export const sgd = defineOptimizer({
  name: 'sgd',
  title: 'SGD',
  colour: 'black',
  summary: 'workers send gradients, d = g; server x ← x - η A',
  source: 'the baseline of the papers below',
  parameters: stepKeys,
  create: ({ learningRate, ...others }) => ({
    usesReference: false,
    message: () => ({ gradient: 1, previous: 0, reference: 0 }),
    server: (vectors, start) => new GradientStep(vectors, start, learningRate, others),
  }),
});
