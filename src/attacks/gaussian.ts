import { z } from 'zod';
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

/** A standard normal draw (Box and Muller, 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
