import { expect, test } from 'vitest';
import { benchKernels } from '../../src/bench/kernels.js';

test('times every operation on every size, the plain version at the least d', async () => {
  const begun: string[] = [];
  const { timings, growth } = await benchKernels({
    workers: [3, 5],
    dimensions: [32, 100],
    budget: 0,
    onBegin: (what) => begun.push(what),
  });
  expect(begun).toHaveLength(4);
  const operations = growth.map(({ operation }) => operation);
  expect(operations).toContain('weightedMedian');
  expect(operations).toContain('ω-RFA + ω-CTMA');
  expect(timings).toHaveLength(4 * operations.length);
  for (const { d, simd, plain } of timings) {
    expect(simd.fastest).toBeGreaterThan(0);
    if (d === 32) expect(plain!.fastest).toBeGreaterThan(0);
    else expect(plain).toBeUndefined();
  }
  for (const { m, d } of growth) expect([m, d].every(Number.isFinite)).toBe(true);
});

test('one size shows no growth', async () => {
  const { growth } = await benchKernels({ workers: [3], dimensions: [32], budget: 0, onBegin() {} });
  for (const { m, d } of growth) expect([m, d]).toEqual([undefined, undefined]);
});
