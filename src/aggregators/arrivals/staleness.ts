import { z } from 'zod';
import { defineArrivalRule } from './arrival-rule.js';

/** x ← x - η s(τ) g. */
export const staleness = defineArrivalRule({
  name: 'staleness',
  title: 'FedAsync',
  synonyms: ['fedasync', 'staleness-aware'],
  summary: 'every message, the less the staler: times (1 + τ)^-a or exp(-a τ)',
  source: 'Xie, Koyejo and Gupta, Asynchronous Federated Optimization, 2019; Zhang et al., IJCAI 2016',
  parameters: {
    decay: z
      .enum(['polynomial', 'exponential'])
      .default('polynomial')
      .describe('(1 + τ)^-a or exp(-a τ), τ the staleness'),
    a: z.number().min(0).default(0.5).describe('how fast a message loses weight; 0: not at all'),
  },
  create:
    ({ decay, a }) =>
    ({ message, staleness: tau, vectors }) =>
      vectors.combine([decay === 'polynomial' ? (1 + tau) ** -a : Math.exp(-a * tau)], [message]),
});
