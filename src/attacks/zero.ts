import { defineAttack } from './attack.js';

/** The zero vector: slows every rule that averages. */
export const zero = defineAttack({
  name: 'zero',
  summary: 'the zero vector',
  source: 'ByzFL',
  parameters: {},
  kind: 'omniscient',
  create:
    () =>
    ({ vectors }) =>
      vectors.fromHost(new Float64Array(vectors.dimension)),
});
