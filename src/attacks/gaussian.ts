import { z } from 'zod';
import { normal } from '../base/random.js';
import { defineAttack } from './attack.js';

/** Independent normal coordinates. */
export const gaussian = defineAttack({
  name: 'gaussian',
  summary: 'random vector of independent normal coordinates',
  source: 'Blanchard et al., NeurIPS 2017',
  parameters: {
    mean: z.number().default(0).describe('of every coordinate'),
    deviation: z.number().min(0).default(1).describe('of every coordinate'),
  },
  kind: 'omniscient',
  create:
    ({ mean, deviation }) =>
    ({ vectors, random }) =>
      vectors.fromHost(
        Float64Array.from({ length: vectors.dimension }, () => mean + deviation * normal(random)),
      ),
});
