import { expect, test } from 'vitest';
import { benchChanging } from '../../src/bench/changing.js';
import { builtins } from '../../src/simulation/catalogue.js';

const options = { workers: [9, 110], dimension: 32, budget: 0, limit: 1e6, onBegin() {} };

test('times every rule that keeps something, anew and with what it kept', async () => {
  const costs = await benchChanging(builtins, options);
  const rules = costs.map(({ rule }) => rule);
  expect(rules).toEqual(
    expect.arrayContaining(['ω-cwmed', 'cwmed', 'ω-cwmed + ctma', 'krum', 'cwmed + nnm']),
  );
  const [median] = costs;
  expect(median.sizes.map(({ m }) => m)).toEqual([9, 110]);
  for (const { whole, kept, pass, bandwidth } of median.sizes)
    expect(Math.min(whole!, kept, pass, bandwidth)).toBeGreaterThan(0);
  // Of few messages nothing is kept.
  expect(median.sizes[0].memory).toBe(0);
  expect(median.sizes[1]).toMatchObject({ messages: 4 * 110 * 32, memory: 4 * 32 * (7 + 2 * 64) });
});

test('says what it leaves out', async () => {
  const [{ left, sizes }] = await benchChanging(builtins, { ...options, memory: 2000 });
  expect(sizes.map(({ m }) => m)).toEqual([9]);
  expect(left).toHaveLength(1);
  expect(left[0]).toMatch(/^m = 110: the messages need /);
});
