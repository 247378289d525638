import { momentum } from './momentum.js';
import { mu2Sgd } from './mu2-sgd.js';
import type { OptimizerDefinition } from './optimizer.js';
import { sgd } from './sgd.js';

/** The optimizers that come with byzsim. */
export const optimizers = [sgd, momentum, mu2Sgd] as OptimizerDefinition[];
