import { z } from 'zod';
import { defineClock } from '../../src/simulation/clocks/clock.js';

export const metronome = defineClock({
  name: 'metronome',
  title: 'Metronome',
  summary: 'a short gap, then a long one',
  source: 'a test',
  parameters: { swing: z.number().min(0).lt(1).default(0.5).describe('how much longer and shorter') },
  create:
    ({ swing }, random) =>
    () =>
      random() < 0.5 ? 1 - swing : 1 + swing,
});
