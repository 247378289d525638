import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../src/attacks/normal-quantile.js';

/** Φ(x) by the Taylor series of erf about 0, in float64: good to 1e-15 for |x| < 3. */
function normalDistribution(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 200; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

describe('normalQuantile', () => {
  it.each([
    // Known to 20 digits: Wichura (1988) gives the first three, Python's statistics.NormalDist agrees with all.
    [0.25, -0.6744897501960817432],
    [0.001, -3.0902323061678135415],
    [1e-20, -9.2623400897984083395],
    [0.5, 0],
    [0.84134474606854294859, 1],
    [0.975, 1.9599639845400542355],
    [1 / 3, -0.43072729929545749],
  ])('of %f is %f', (p, x) => {
    expect(Math.abs(normalQuantile(p) - x)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(x)));
  });

  it('inverts the distribution function in all three of its ranges', () => {
    for (let x = -2.9; x < 3; x += 0.05) {
      expect(Math.abs(normalQuantile(normalDistribution(x)) - x)).toBeLessThan(3e-13);
    }
  });

  it('is odd about one half', () => {
    for (const p of [0.01, 0.07, 0.2, 0.4999])
      expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 12);
  });
});
