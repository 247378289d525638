import { GradientStep, type Optimizer } from './optimizer.js';

/** d = g; x ← x - η A. */
export function sgd(learningRate: number): Optimizer {
  return {
    usesReference: false,
    message: () => ({ gradient: 1, previous: 0, reference: 0 }),
    server: (vectors, start) => new GradientStep(vectors, start, learningRate),
  };
}
