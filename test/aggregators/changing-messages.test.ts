import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { differingUpdates } from '../support/changing-messages.js';

describe('of messages of which one has changed, a rule makes the same bytes as of new ones:', () => {
  test.each([
    ['ω-CWMed, the upper of two medians', { rule: 'cwmed', tie: 'upper' }, [120, 160, 300]],
    ['ω-CWMed, the lower', { rule: 'cwmed', tie: 'lower' }, [120, 160]],
    ['ω-CWMed, midway', { rule: 'cwmed', tie: 'midpoint' }, [120, 160]],
    ['CWMed', { rule: 'cwmed', weighted: false }, [140]],
    ['ω-CWMed and ω-CTMA', { rule: 'cwmed', meta: ['ctma'] }, [140]],
    ['Krum', { rule: 'krum', weighted: false }, [12]],
    ['CWMed of NNM', { rule: 'cwmed', weighted: false, meta: ['nnm'] }, [12]],
  ])('%s', { timeout: 120_000 }, async (name, rule, sizes) => {
    for (const workers of sizes) {
      const random = randomStream(workers, name);
      const setting = { workers, dimension: 21, updates: 400, rule, random };
      expect(await differingUpdates(setting), `updates of ${workers} workers`).toEqual([]);
    }
  });
});
