import { z } from 'zod';
import { normal } from '../../base/random.js';
import { defineClock } from './clock.js';

export const lognormal = defineClock({
  name: 'lognormal',
  title: 'log-normal',
  summary: 'log-normal gaps: now and then a slow one',
  parameters: {
    sigma: z.number().positive().max(10).default(1).describe('σ, the deviation of the logarithm of a gap'),
  },
  create:
    ({ sigma }, random) =>
    () =>
      Math.exp(sigma * normal(random) - sigma ** 2 / 2),
});
