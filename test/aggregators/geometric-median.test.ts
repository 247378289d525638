import { describe, expect, it } from 'vitest';
import { normalRows } from '../support/normal.js';
import { aggregate } from './support.js';

const converged = { rule: 'geometric-median', tolerance: 1e-12 };

/**
 * |Σ s_i (x_i - z)/|x_i - z|| over the messages not at z, less the weight of those at z, in parts of the whole weight:
 * at most 0 at the geometric median and nowhere else.
 */
function imbalance(rows: number[][], weights: readonly number[], z: number[]): number {
  const pull = z.map(() => 0);
  let here = 0;
  for (const [i, row] of rows.entries()) {
    const distance = Math.hypot(...row.map((value, k) => value - z[k]));
    if (distance < 1e-6) here += weights[i];
    else row.forEach((value, k) => (pull[k] += (weights[i] * (value - z[k])) / distance));
  }
  return (Math.hypot(...pull) - here) / weights.reduce((a, b) => a + b);
}

describe('geometric-median', () => {
  it('balances the directions to its messages', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const rows = normalRows(9, 4, seed);
      const weights = rows.map((_, i) => 1 + ((i * seed) % 5));
      expect(imbalance(rows, weights, aggregate(converged, rows, { weights }))).toBeLessThan(1e-9);
    }
  });

  it('is the Fermat point of a triangle', () => {
    const [x, y] = aggregate(converged, [
      [0, 0],
      [1, 0],
      [0.5, Math.sqrt(3) / 2],
    ]);
    expect(x).toBeCloseTo(0.5, 9);
    expect(y).toBeCloseTo(Math.sqrt(3) / 6, 9);
  });

  it('is the message that holds half the weight', () => {
    const rows = [
      [3, 1],
      [0, 0],
      [8, 9],
      [-4, 2],
    ];
    const result = aggregate(converged, rows, { weights: [5, 1, 2, 2] });
    expect(result[0]).toBeCloseTo(3, 9);
    expect(result[1]).toBeCloseTo(1, 9);
  });

  it('leaves a message that it starts on, if that is not the median', () => {
    // The median of every coordinate is 0, a message; the sum of distances is least elsewhere.
    const rows = [
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
    ];
    const result = aggregate(converged, rows);
    expect(imbalance(rows, [1, 1, 1, 1, 1], result)).toBeLessThan(1e-9);
    expect(Math.min(...result)).toBeGreaterThan(0.2);
  });

  it('is not held at 0 by a message that is 0, where its steps start', () => {
    const rows = [
      [0, 0],
      [4, 1],
      [4, -1],
      [5, 0],
    ];
    const [x, y] = aggregate({ rule: 'geometric-median', steps: 3 }, rows);
    expect(x).toBeGreaterThan(3);
    expect(y).toBeCloseTo(0, 12);
  });

  it('is 0 of zeros', () => {
    const rows = [
      [0, 0],
      [0, 0],
    ];
    expect(aggregate('geometric-median', rows)).toEqual([0, 0]);
    expect(aggregate(converged, rows)).toEqual([0, 0]);
  });

  it('follows the smoothed Weiszfeld step, by hand', () => {
    // From 0: weights 1/2, 1/4, 1/max(0.05, 0.1).
    const rows = [[2], [-4], [0.05]];
    const expected = (2 / 2 - 4 / 4 + 0.05 / 0.1) / (1 / 2 + 1 / 4 + 1 / 0.1);
    const [x] = aggregate({ rule: 'geometric-median', steps: 1, floor: 0.1 }, rows);
    expect(x).toBeCloseTo(expected, 14);
  });
});
