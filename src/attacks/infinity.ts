import { defineAttack } from './attack.js';

/** Infinite in every coordinate: a rule must survive a message that is no vector at all. */
export const infinity = defineAttack({
  name: 'infinity',
  synonyms: ['inf'],
  summary: 'infinite in every coordinate',
  source: 'ByzFL',
  parameters: {},
  kind: 'omniscient',
  infinite: true,
  create:
    () =>
    ({ vectors }) =>
      vectors.fromHost(new Float64Array(vectors.dimension).fill(Infinity)),
});
