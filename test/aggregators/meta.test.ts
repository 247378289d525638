import { describe, expect, it } from 'vitest';
import { createTransform } from '../../src/aggregators/create.js';
import { StateTree } from '../../src/base/state.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { HostVectors } from '../../src/compute/vectors/host.js';
import { randomStream } from '../../src/base/random.js';

/** What a chain of meta-aggregators makes of these rows. */
function transform(
  meta: { rule: string }[],
  rows: number[][],
  byzantine: number,
  random = () => 0.5,
): number[][] {
  const vectors = new HostVectors(rows[0].length, Float64Array);
  const context = {
    vectors,
    rules: builtins,
    workers: rows.length,
    byzantine,
    lambda: 0,
    weighted: false,
    random,
    state: new StateTree(),
  };
  const messages = rows.map((row) => vectors.fromHost(row));
  const result = createTransform(meta, context)(
    messages,
    rows.map(() => 1),
  );
  return result.map((vector) => [...vectors.toHost(vector)]);
}

const column = (rows: number[][]) => rows.map(([value]) => value);

describe('nnm', () => {
  it('takes the mean of the n - f nearest, the first of equally near ones', () => {
    const rows = [[0], [2], [4], [100]];
    expect(column(transform([{ rule: 'nnm' }], rows, 2))).toEqual([1, 1, 3, 52]);
  });
});

describe('bucketing', () => {
  it('makes groups of which the last may be smaller, of every message once', () => {
    const rows = [[1], [2], [4], [8], [16]];
    const buckets = column(
      transform([{ rule: 'bucketing', size: 2 } as never], rows, 1, randomStream(1, 'test')),
    );
    expect(buckets).toHaveLength(3);
    expect(2 * buckets[0] + 2 * buckets[1] + buckets[2]).toBeCloseTo(31, 12);
  });

  it('draws every order equally often', () => {
    const random = randomStream(2, 'test');
    const counts = new Map<string, number>();
    for (let trial = 0; trial < 6000; trial++) {
      const order = column(
        transform([{ rule: 'bucketing', size: 1 } as never], [[1], [2], [3]], 0, random),
      ).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // 1000 ± 5 deviations of a binomial count.
    for (const count of counts.values())
      expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(6000 * (1 / 6) * (5 / 6)));
  });
});

describe('clipping', () => {
  it('shortens only what is longer, and keeps directions', () => {
    const [a, b, c] = transform(
      [{ rule: 'clipping', radius: 5 } as never],
      [
        [6, 8],
        [3, 4],
        [0, 0],
      ],
      0,
    );
    expect([a[0], a[1]]).toEqual([3, 4]);
    expect(b).toEqual([3, 4]);
    expect(c).toEqual([0, 0]);
  });
});

describe('arc', () => {
  it('shortens the ⌊2f/n (n - f)⌋ longest messages to the next norm', () => {
    // n = 5, f = 1: k = ⌊8/5⌋ = 1.
    expect(column(transform([{ rule: 'arc' }], [[1], [-2], [3], [-40], [5]], 1))).toEqual([1, -2, 3, -5, 5]);
  });

  it('leaves zeros alone', () => {
    expect(column(transform([{ rule: 'arc' }], [[0], [0], [0], [0], [7]], 1))).toEqual([0, 0, 0, 0, 0]);
  });
});
