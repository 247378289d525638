import { defineOptimizer, GradientStep, learningRate } from '../../src/optimizers/optimizer.js';

export const halfSgd = defineOptimizer({
  name: 'half-sgd',
  title: 'Half SGD',
  synonyms: ['lazy-sgd'],
  summary: 'workers send half their gradients',
  source: 'a test',
  parameters: { learningRate },
  create: ({ learningRate }) => ({
    usesReference: false,
    message: () => ({ gradient: 0.5, previous: 0, reference: 0 }),
    server: (vectors, start) => new GradientStep(vectors, start, learningRate),
  }),
});
