import { z } from 'zod';
import { defineOptimizer, GradientStep, stepKeys } from './optimizer.js';

/** d ← β d + (1-β) g at each worker; x ← x - η A. */
export const momentum = defineOptimizer({
  name: 'momentum',
  colour: 'amber',
  summary: 'workers send running means, d ← β d + (1-β) g; server x ← x - η A',
  source: 'Karimireddy, He and Jaggi, Learning from History for Byzantine Robust Optimization, ICML 2021',
  parameters: {
    ...stepKeys,
    beta: z.number().min(0).lt(1).default(0.9).describe('β, the weight of the past'),
  },
  create: ({ learningRate, beta, ...others }) => ({
    usesReference: false,
    message: () => ({ gradient: 1 - beta, previous: beta, reference: 0 }),
    server: (vectors, start) => new GradientStep(vectors, start, learningRate, others),
  }),
});
