import { defineClock } from './clock.js';

export const exponential = defineClock({
  name: 'exponential',
  summary: 'memoryless: the next to arrive is worker i with probability ∝ its speed',
  parameters: {},
  create: (_, random) => () => -Math.log1p(-random()),
});
