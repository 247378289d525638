import { expect, test } from 'vitest';
import { logSlope } from '../../../src/base/statistics/log-slope.js';

const points = (...pairs: [number, number][]) => pairs.map(([x, y]) => ({ x, y }));

test('the exponent of a power', () => {
  expect(logSlope(points([1, 3], [4, 1.5], [16, 0.75]))).toBeCloseTo(-0.5, 12);
  expect(logSlope(points([1, 7], [10, 7]))).toBe(0);
});

test('least squares where points are off the line', () => {
  // In logarithms to base 2: (0, 0), (1, 2), (2, 1): slope ½.
  expect(logSlope(points([1, 1], [2, 4], [4, 2]))).toBeCloseTo(0.5, 12);
});

test.each([
  [points([2, 1])],
  [points([2, 1], [2, 3])],
  [points([1, 1], [2, 0])],
  [points([1, 1], [2, Infinity])],
  [[]],
])('none of %j', (given) => {
  expect(logSlope(given)).toBeUndefined();
});
