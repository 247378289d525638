import { expect, test } from 'vitest';
import { contend } from '../../scripts/locks/contend.js';

test(
  'of four processes that want a dead lock at the same time one gets it',
  { timeout: 120_000 },
  async () => {
    const rounds = await contend(4, 6);
    expect(rounds).toHaveLength(6);
    for (const { lock, holders, errors } of rounds) {
      expect(holders, lock).toBe(1);
      expect(errors, lock).toEqual([]);
    }
  },
);
