import { defineServerAttack } from './server-attack.js';

/** The server's own model: what the protocol costs without an attack. */
export const honestServer = defineServerAttack({
  name: 'none',
  title: 'honest servers',
  summary: 'Byzantine servers behave like correct ones',
  source: 'baseline',
  parameters: {},
  kind: 'model',
  create:
    () =>
    ({ vectors, model }) =>
      vectors.combine([1], [model]),
});
