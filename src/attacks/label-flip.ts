import { defineAttack } from './attack.js';

/** The worker's own estimator, on labels classes - 1 - y. */
export const labelFlip = defineAttack({
  name: 'label-flip',
  synonyms: ['lf'],
  summary: 'own estimator on flipped labels (classes - 1 - y)',
  source: 'Allen-Zhu et al., ICLR 2021',
  parameters: {},
  kind: 'estimator',
  labels: 'flipped',
  sign: 1,
});
