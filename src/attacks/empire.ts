import { z } from 'zod';
import { rowsOf, scaledSum, sum } from '../aggregators/arithmetic.js';
import { defineAttack } from './attack.js';

/** -ε μ, with μ the weighted mean of the honest messages: inner product manipulation. */
export const empire = defineAttack({
  name: 'empire',
  synonyms: ['ipm', 'fall-of-empires'],
  summary: 'minus a small multiple of the honest mean',
  source: 'Xie et al., Fall of Empires, UAI 2019; factor of the published Weight for Robustness code',
  parameters: { factor: z.number().default(0.1).describe('ε in -ε μ') },
  kind: 'omniscient',
  create:
    ({ factor }) =>
    ({ vectors, honest, weights }) =>
      scaledSum(vectors, -factor / sum(weights), weights, rowsOf(honest)),
});
