import { GradientStep, type Optimizer } from './optimizer.js';

/** d ← β d + (1-β) g at each worker; x ← x - η A. */
export function momentum(learningRate: number, beta: number): Optimizer {
  return {
    usesReference: false,
    message: () => ({ gradient: 1 - beta, previous: beta, reference: 0 }),
    server: (vectors, start) => new GradientStep(vectors, start, learningRate),
  };
}
