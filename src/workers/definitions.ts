import { z } from 'zod';
import type { Shape } from '../aggregators/aggregator.js';

/** An optimizer as configs name it; what it does is in the file of its name. */
export interface OptimizerDefinition {
  /** The name in configs, lower case with hyphens. */
  name: string;
  /** One line for `byzsim list optimizers`. */
  summary: string;
  /** Paper, or the code whose convention it follows. */
  source: string;
  parameters: Shape;
  /** Further parameters, by the value of the parameter `form`. */
  forms?: Readonly<Record<string, Shape>>;
}

const learningRate = z.number().positive().default(0.01).describe('η, the step of the server');

const sgd: OptimizerDefinition = {
  name: 'sgd',
  summary: 'workers send gradients, d = g; server x ← x - η A',
  source: 'the baseline of the papers below',
  parameters: { learningRate },
};

const momentum: OptimizerDefinition = {
  name: 'momentum',
  summary: 'workers send running means, d ← β d + (1-β) g; server x ← x - η A',
  source: 'Karimireddy, He and Jaggi, Learning from History for Byzantine Robust Optimization, ICML 2021',
  parameters: {
    learningRate,
    beta: z.number().min(0).lt(1).default(0.9).describe('β, the weight of the past'),
  },
};

const mu2Sgd: OptimizerDefinition = {
  name: 'mu2-sgd',
  summary:
    'd ← g(x; z) + (1-β)(d - g̃), g̃ the gradient of the same z at the model before; server x ← γ w + (1-γ) x',
  source: 'Dahan and Levy, Weight for Robustness, NeurIPS 2024; Fault Tolerant ML, ICML 2024',
  parameters: {
    learningRate,
    form: z
      .enum(['fixed', 'theory', 'published'])
      .default('fixed')
      .describe('constant β and γ, the schedule of the theory, or that of the published synchronous code'),
  },
  forms: {
    fixed: {
      beta: z.number().min(0).lt(1).default(0.25).describe('β, how much of the past a message forgets'),
      gamma: z.number().positive().max(1).default(0.1).describe('γ, the weight of the newest point w in x'),
    },
    theory: {},
    published: {},
  },
};

/** Every optimizer a config can name. */
export const optimizers: ReadonlyMap<string, OptimizerDefinition> = new Map(
  [sgd, momentum, mu2Sgd].map((optimizer) => [optimizer.name, optimizer]),
);
