import { defineAttack } from './attack.js';

/** The Byzantine workers behave like honest ones: what the rule costs without an attack. */
export const none = defineAttack({
  name: 'none',
  title: 'no attack',
  summary: 'Byzantine workers behave like honest ones',
  source: 'baseline',
  parameters: {},
  kind: 'estimator',
  labels: 'true',
  sign: 1,
});
