import { defineServerAttack } from './server-attack.js';

/** Minus the server's own model. */
export const reversed = defineServerAttack({
  name: 'reversed',
  title: 'reversed servers',
  synonyms: ['reverse', 'sign-flip'],
  summary: 'minus its own model',
  source: 'El Mhamdi et al., Genuinely Distributed Byzantine Machine Learning, PODC 2020',
  parameters: {},
  kind: 'model',
  create:
    () =>
    ({ vectors, model }) =>
      vectors.combine([-1], [model]),
});
