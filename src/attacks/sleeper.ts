import { z } from 'zod';
import { maxUpdates } from '../base/limits.js';
import { defineAttack, scheduledKeys } from './attack.js';

/** Honest workers until an update, attackers from then on, when their messages have gained in weight. */
export const sleeper = defineAttack({
  name: 'sleeper',
  synonyms: ['sleeper-agent', 'traitor', 'betrayal', 'dormant', 'delayed-attack'],
  summary: 'behaves until an update, and carries out another attack from then on',
  source: 'traitors: Marti and Garcia-Molina, Taxonomy of Trust, Computer Networks 50(4), 2006',
  parameters: {
    from: z.int().min(0).max(maxUpdates).describe('updates that the server makes before the attack begins'),
    ...scheduledKeys,
  },
  kind: 'scheduled',
  create:
    ({ from }) =>
    (update) =>
      update >= from,
});
