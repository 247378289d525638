import { describe, expect, it } from 'vitest';
import { aggregate } from './support.js';

describe('mean-around-median', () => {
  it('takes the mean of the n - f values nearest the median, the smaller of two equally near', () => {
    expect(aggregate({ rule: 'mean-around-median', f: 1 }, [[1], [4], [7]])).toEqual([2.5]);
    expect(aggregate({ rule: 'mean-around-median', f: 2 }, [[3], [90], [1], [2], [-50]])).toEqual([2]);
  });

  it('goes by the lower, the upper or the mean of two middle values', () => {
    // Around 4, 6 and 8: one value of the four stays out, 9, 1 and 1.
    const rows = [[9], [1], [8], [4]];
    const around = (rule: object) => aggregate({ rule: 'mean-around-median', f: 1, ...rule }, rows)[0];
    expect(around({})).toBeCloseTo((1 + 4 + 8) / 3, 14);
    expect(around({ tie: 'lower' })).toBeCloseTo((1 + 4 + 8) / 3, 14);
    expect(around({ tie: 'midpoint' })).toBeCloseTo((4 + 8 + 9) / 3, 14);
    expect(around({ tie: 'upper' })).toBeCloseTo((4 + 8 + 9) / 3, 14);
  });
});
