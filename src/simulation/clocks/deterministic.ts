import { defineClock } from './clock.js';

export const deterministic = defineClock({
  name: 'deterministic',
  summary: 'like clockwork: every gap of a worker is the same',
  parameters: {},
  create: () => () => 1,
});
