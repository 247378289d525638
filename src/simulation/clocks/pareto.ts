import { z } from 'zod';
import { defineClock } from './clock.js';

export const pareto = defineClock({
  name: 'pareto',
  title: 'Pareto',
  summary: 'Pareto gaps: stragglers, heavier the smaller alpha',
  parameters: {
    alpha: z.number().gt(1).max(100).default(2).describe('α, the tail index; gaps have a mean only above 1'),
  },
  create:
    ({ alpha }, random) =>
    () =>
      ((alpha - 1) / alpha) * (1 - random()) ** (-1 / alpha),
});
