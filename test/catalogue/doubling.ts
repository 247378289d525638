import { z } from 'zod';
import { defineAttack } from '../../src/attacks/attack.js';

/** Twice the honest mean, four times it the next time, and so on: it remembers. */
export const doubling = defineAttack({
  name: 'doubling',
  summary: 'a multiple of the honest mean that doubles with every message',
  source: 'a test',
  parameters: { most: z.number().gt(0).default(64).describe('the greatest factor') },
  kind: 'omniscient',
  create({ most }, state) {
    const factor = state.remember('factor', 1);
    return ({ vectors, honest }) => {
      factor.value = Math.min(most, 2 * factor.value);
      return vectors.combine(
        [factor.value / honest.size],
        [honest.combine(new Array<number>(honest.size).fill(1))],
      );
    };
  },
});
