import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortingNetwork } from '../../../src/compute/vectors/sorting-network.js';

const apply = (network: ReturnType<typeof sortingNetwork>, values: readonly number[]) => {
  const wires = [...values];
  for (const { low, high, wantsLow, wantsHigh } of network) {
    const [a, b] = [wires[low], wires[high]];
    wires[low] = wantsLow ? Math.min(a, b) : NaN;
    wires[high] = wantsHigh ? Math.max(a, b) : NaN;
  }
  return wires;
};

test('the wanted ranks are right, whatever the numbers', () => {
  const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 65 });
  const wanted = values.chain((numbers) =>
    fc.tuple(fc.constant(numbers), fc.subarray([...numbers.keys()], { minLength: 1 })),
  );
  fc.assert(
    fc.property(wanted, ([numbers, ranks]) => {
      const sorted = [...numbers].sort((a, b) => a - b);
      const wires = apply(sortingNetwork(numbers.length, ranks), numbers);
      for (const rank of ranks) expect(wires[rank]).toBe(sorted[rank]);
    }),
  );
});

test('no size up to 65 leaves a 0 behind a 1 (zero-one principle)', () => {
  for (let n = 1; n <= 65; n++) {
    const network = sortingNetwork(n, [...Array(n).keys()]);
    for (let ones = 0; ones <= n; ones++) {
      const values = Array.from({ length: n }, (_, k) => ((k * 7) % n < ones ? 1 : 0));
      expect(apply(network, values)).toEqual([...values].sort());
    }
  }
});

test('a median needs fewer comparisons than a sort', () => {
  const count = (ranks: number[]) =>
    sortingNetwork(17, ranks).reduce((sum, c) => sum + Number(c.wantsLow) + Number(c.wantsHigh), 0);
  expect(count([8])).toBeLessThan(count([...Array(17).keys()]));
});
