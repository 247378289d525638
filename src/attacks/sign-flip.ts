import { defineAttack } from './attack.js';

/** Minus the worker's own honest estimate; its estimator stays as it is. */
export const signFlip = defineAttack({
  name: 'sign-flip',
  synonyms: ['sf'],
  summary: 'minus the own honest estimate',
  source: 'Allen-Zhu et al., ICLR 2021',
  parameters: {},
  kind: 'estimator',
  labels: 'true',
  sign: -1,
});
