import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { criticalT, twoSidedP } from '../../../src/base/statistics/student.js';

/** How far two numbers are apart, as a fraction of the second. */
const relative = (value: number, exact: number) => Math.abs(value / exact - 1);

const anyT = fc.double({ min: 1e-3, max: 1e4, noNaN: true });

// Critical values of Student's t as every printed table has them (Abramowitz & Stegun, table 26.10, to their digits).
const table = [
  [1, 12.706, 0.05],
  [2, 4.303, 0.05],
  [3, 3.182, 0.05],
  [4, 2.776, 0.05],
  [10, 2.228, 0.05],
  [30, 2.042, 0.05],
  [120, 1.98, 0.05],
  [1, 63.657, 0.01],
  [5, 4.032, 0.01],
  [20, 2.845, 0.01],
  [60, 1.296, 0.2],
];

describe('twoSidedP', () => {
  test.each(table)('%i degrees, t = %d: the table has %d', (degrees, t, p) => {
    expect(relative(twoSidedP(t, degrees), p)).toBeLessThan(1e-3);
  });

  test('1, 2 and 4 degrees have closed forms', () => {
    fc.assert(
      fc.property(anyT, (t) => {
        // Each written so that no digits cancel where t is large.
        expect(relative(twoSidedP(t, 1), (2 / Math.PI) * Math.atan(1 / t))).toBeLessThan(1e-12);
        const s = t / Math.sqrt(2 + t * t);
        expect(relative(twoSidedP(t, 2), 2 / (2 + t * t) / (1 + s))).toBeLessThan(1e-12);
        const c = t / Math.sqrt(4 + t * t);
        const q = 4 / (4 + t * t); // 1 - c², so that 1 - (3c - c³)/2 = (1 - c)² (2 + c) / 2
        expect(relative(twoSidedP(t, 4), ((q / (1 + c)) ** 2 * (2 + c)) / 2)).toBeLessThan(1e-12);
      }),
    );
  });

  test('falls with |t|, whatever its sign, from 1', () => {
    fc.assert(
      fc.property(anyT, anyT, fc.double({ min: 0.5, max: 2000, noNaN: true }), (a, b, degrees) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)];
        expect(twoSidedP(large, degrees)).toBeLessThanOrEqual(twoSidedP(small, degrees) * (1 + 1e-12));
        expect(twoSidedP(-a, degrees)).toBe(twoSidedP(a, degrees));
      }),
    );
    expect(twoSidedP(0, 3.7)).toBe(1);
    expect(twoSidedP(Infinity, 3.7)).toBe(0);
  });

  test('many degrees: the normal distribution', () => {
    expect(twoSidedP(1.959963984540054, 1e7)).toBeCloseTo(0.05, 6);
  });
});

describe('criticalT', () => {
  test.each(table)('%i degrees: the table has t = %d for p = %d', (degrees, t, p) => {
    expect(relative(criticalT(p, degrees), t)).toBeLessThan(1e-3);
  });

  test('inverts twoSidedP', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 0.999, noNaN: true }),
        fc.double({ min: 1, max: 2000, noNaN: true }),
        (p, degrees) => {
          expect(relative(twoSidedP(criticalT(p, degrees), degrees), p)).toBeLessThan(1e-9);
        },
      ),
    );
  });
});
