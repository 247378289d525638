import { z } from 'zod';
import { maxUpdates } from '../base/limits.js';
import { defineAttack, scheduledKeys } from './attack.js';

/** Honest workers most of the time, whose messages are attacks in a window of updates, once or again and again. */
export const burst = defineAttack({
  name: 'burst',
  synonyms: ['on-off', 'intermittent', 'oscillating', 'window'],
  summary: 'behaves, and carries out another attack in a window of updates, or in every period',
  source: 'on-off attack: Sun et al., A Trust Evaluation Framework in Distributed Networks, INFOCOM 2006',
  parameters: {
    from: z
      .int()
      .min(0)
      .max(maxUpdates)
      .default(0)
      .describe('updates that the server makes before the attack begins'),
    until: z
      .int()
      .min(1)
      .max(maxUpdates)
      .describe('updates that the server makes before the attack ends; more than from'),
    every: z
      .int()
      .min(1)
      .max(maxUpdates)
      .optional()
      .describe('updates from one window to the next, at least until - from (default: there is one window)'),
    ...scheduledKeys,
  },
  check({ from, until, every }) {
    if (until <= from) return `until = ${until} needs to be more than from = ${from}`;
    return every !== undefined && every < until - from
      ? `every = ${every} needs to be at least until - from = ${until - from}`
      : undefined;
  },
  kind: 'scheduled',
  create:
    ({ from, until, every = Infinity }) =>
    (update) =>
      update >= from && (update - from) % every < until - from,
});
