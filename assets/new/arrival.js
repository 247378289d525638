import { defineClock, z } from 'byzsim';

/** Erlang gaps: a gradient takes several steps, each of an exponential time. The more of them, the more even the gaps. */
export default defineClock({
  name: 'NAME',
  summary: 'Erlang gaps: the sum of several exponential times',
  parameters: {
    steps: z.int().min(1).max(1000).default(4).describe('how many times a gap is the sum of'),
  },
  // Gaps of mean 1: byzsim divides them by the worker's speed. All draws come from `random`, so that runs repeat.
  create:
    ({ steps }, random) =>
    () => {
      let gap = 0;
      for (let step = 0; step < steps; step++) gap -= Math.log1p(-random()) / steps;
      return gap;
    },
});
