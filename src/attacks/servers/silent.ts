import { defineServerAttack } from './server-attack.js';

/** Nothing: as a server that has crashed, to the others. */
export const silent = defineServerAttack({
  name: 'silent',
  title: 'silent servers',
  synonyms: ['crash', 'mute'],
  summary: 'nothing is sent',
  source: 'baseline',
  parameters: {},
  kind: 'silent',
});
