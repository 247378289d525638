import { defineServerAttack } from '../../src/attacks/servers/server-attack.js';

/** Three times the server's own model. */
export const tripling = defineServerAttack({
  name: 'tripling',
  summary: 'three times its own model',
  source: 'a test',
  parameters: {},
  kind: 'model',
  create:
    () =>
    ({ vectors, model }) =>
      vectors.combine([3], [model]),
});
