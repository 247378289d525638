import { z } from 'zod';
import { maxUpdates } from '../base/limits.js';
import { defineAttack } from './attack.js';

/** The worker's own honest messages, each of them some updates late: right once, and long out of date. */
export const stale = defineAttack({
  name: 'stale',
  synonyms: ['delay', 'delayed', 'held-back', 'straggler', 'replay'],
  summary: "own honest estimate, sent when its model is some of the server's updates old",
  source: 'stale gradients: Xie et al., Asynchronous Federated Optimization, 2019',
  parameters: {
    staleness: z
      .int()
      .min(1)
      .max(maxUpdates)
      .describe("how many of the server's updates old the model of a message is at least"),
  },
  kind: 'estimator',
  labels: 'true',
  sign: 1,
  staleness: ({ staleness }) => staleness,
});
