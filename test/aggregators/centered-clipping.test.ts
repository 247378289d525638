import { describe, expect, it } from 'vitest';
import { aggregate, ruleFor } from './support.js';

describe('centered-clipping', () => {
  it('moves by the mean of clipped differences, as often as asked', () => {
    // From 0 with τ = 1: 1/3 (0.5 + 1 + 1).
    const rows = [[0.5], [4], [100]];
    expect(aggregate({ rule: 'centered-clipping', radius: 1 }, rows)[0]).toBeCloseTo(2.5 / 3, 14);
    const twice = 2.5 / 3 + (0.5 - 2.5 / 3 + 1 + 1) / 3;
    expect(aggregate({ rule: 'centered-clipping', radius: 1, steps: 2 }, rows)[0]).toBeCloseTo(twice, 14);
  });

  it('goes on from its last output', () => {
    const rows = [[4], [4]];
    const rule = ruleFor({ rule: 'centered-clipping', radius: 1 }, 2, 1);
    expect([rule(rows), rule(rows), rule(rows)].flat()).toEqual([1, 2, 3]);
  });

  it('starts where it is told', () => {
    const rows = [[0], [3], [9]];
    const start = (value: unknown) =>
      aggregate({ rule: 'centered-clipping', radius: 1, start: value }, rows)[0];
    expect(start('mean')).toBeCloseTo(4 + (-1 - 1 + 1) / 3, 14);
    expect(start('cwmed')).toBeCloseTo(3 + (-1 + 0 + 1) / 3, 14);
    // Around the upper of the two middle values and around their mean.
    const even = (tie: string) =>
      aggregate({ rule: 'centered-clipping', radius: 1, start: 'cwmed', tie }, [[0], [3], [5], [9]])[0];
    expect(even('lower')).toBeCloseTo(3 + (-1 + 0 + 1 + 1) / 4, 14);
    expect(even('midpoint')).toBeCloseTo(4 + (-1 - 1 + 1 + 1) / 4, 14);
    expect(even('upper')).toBeCloseTo(5 + (-1 - 1 + 0 + 1) / 4, 14);
    expect(start([10])).toBeCloseTo(10 + (-1 - 1 - 1) / 3, 14);
    expect(() => start([1, 2])).toThrow('invalid start: 2 numbers (expected 1, as messages have)');
  });
});
