import { describe, expect, it } from 'vitest';
import { aggregate, ruleFor } from './support.js';

const around = (rule: object) => ({ rule: 'cwmed', tie: 'upper', meta: [rule] });
const rows = [[0], [1], [3], [10]];

describe('ctma', () => {
  it('keeps the nearest weight up to 1 - λ, the last message in part', () => {
    // Around the median 3, nearest first: 3 (weight 4), 1 (2), 0 (1), 10 (3). Of the weight 10 it keeps 6.5.
    const result = aggregate(around({ rule: 'ctma', lambda: 0.35 }), rows, { weights: [1, 2, 4, 3] });
    expect(result[0]).toBeCloseTo((4 * 3 + 2 * 1 + 0.5 * 0) / 6.5, 14);
  });

  it('keeps the n - f nearest where f counts', () => {
    const result = aggregate(around({ rule: 'ctma', f: 1 }), rows);
    expect(result[0]).toBeCloseTo((0 + 1 + 3) / 3, 14);
  });

  it('goes by λ where messages are weighted, by f where they are not', () => {
    const setting = { byzantine: 1, lambda: 0.4 };
    const weighted = aggregate(around({ rule: 'ctma' }), rows, { ...setting, weights: [1, 1, 1, 1] });
    expect(weighted[0]).toBeCloseTo((3 + 1 + 0.4 * 0) / 2.4, 14);
    expect(aggregate(around({ rule: 'ctma' }), rows, setting)[0]).toBeCloseTo(4 / 3, 14);
  });

  it('gives no weight to the message behind (1 - λ)Σs, however sums round', () => {
    for (let n = 3; n <= 60; n++) {
      for (const unit of [1, 0.1, 1 / 3]) {
        const f = (n - 1) >> 1;
        const far = Array.from({ length: n }, (_, i) => [i < n - f ? i % 3 : 1e30]);
        const setting = { byzantine: f, weights: far.map(() => unit) };
        expect(aggregate(around({ rule: 'ctma' }), far, setting)[0]).toBeLessThanOrEqual(2);
      }
    }
  });

  it('stands around raw messages, wherever it is in the chain', () => {
    const chain = (meta: string[]) =>
      ruleFor({ rule: 'cwmed', meta }, rows.length, 1, { byzantine: 1 })(rows)[0];
    // NNM of 3 nearest: 4/3, 4/3, 4/3, 14/3; their lower median 4/3 has 1, 0 and 3 nearest.
    expect(chain(['nnm', 'ctma'])).toBeCloseTo(4 / 3, 14);
    expect(chain(['ctma', 'nnm'])).toBeCloseTo(4 / 3, 14);
  });
});
