import type { OptimizerConfig } from '../config/config.js';
import { momentum } from './momentum.js';
import { mu2Sgd } from './mu2-sgd.js';
import type { Optimizer } from './optimizer.js';
import { sgd } from './sgd.js';

/** The optimizer of a config. */
export function createOptimizer(config: OptimizerConfig): Optimizer {
  switch (config.name) {
    case 'sgd':
      return sgd(config.learningRate);
    case 'momentum':
      return momentum(config.learningRate, config.beta);
    case 'mu2-sgd':
      return mu2Sgd(config);
  }
}
