import { expect, test } from 'vitest';
import { killRuns } from '../../scripts/kills/kill.js';

test(
  'runs and sweeps that are killed go on, and end as if they had not been',
  { timeout: 240_000 },
  async () => {
    const { subjects, faults } = await killRuns(2, 7);
    expect(faults).toEqual([]);
    expect(subjects.every(({ done }) => done > 0)).toBe(true);
  },
);
