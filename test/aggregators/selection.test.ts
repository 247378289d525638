import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { pairwiseDistances } from '../../src/aggregators/arithmetic.js';
import { chosenByKrum } from '../../src/aggregators/bulyan.js';
import { filteredShares } from '../../src/aggregators/caf.js';
import { krumScores } from '../../src/aggregators/krum.js';
import { leastDiameter } from '../../src/aggregators/mda.js';
import { leastVariance } from '../../src/aggregators/smea.js';
import { topEigenpair } from '../../src/aggregators/spectrum.js';
import { HostVectors } from '../../src/compute/vectors/host.js';
import { normalRows } from '../support/normal.js';
import { aggregate } from './support.js';

/** Rules that choose among the messages, against enumeration and cases worked out by hand. */

const distancesOf = (rows: number[][]) => {
  const vectors = new HostVectors(rows[0].length, Float64Array);
  return pairwiseDistances(vectors.stack(rows.map((row) => vectors.fromHost(row))));
};

/** All subsets of `size` indices, in lexicographic order. */
function subsets(n: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  const result: number[][] = [];
  for (let i = from; i <= n - size; i++)
    for (const rest of subsets(n, size - 1, i + 1)) result.push([i, ...rest]);
  return result;
}

function permutations<T>(values: readonly T[]): T[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((first, i) =>
    permutations(values.filter((_, k) => k !== i)).map((rest) => [first, ...rest]),
  );
}

/** The first subset of least value. */
function first(candidates: number[][], value: (subset: number[]) => number): number[] {
  return candidates.reduce((best, next) => (value(next) < value(best) - 1e-9 ? next : best));
}

const meanRow = (rows: number[][]) =>
  rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);

/** Top eigenvalue of the covariance, by a long power iteration in coordinates. */
function variance(rows: number[][]): number {
  const mean = meanRow(rows);
  const centered = rows.map((row) => row.map((value, k) => value - mean[k]));
  let v = mean.map((_, k) => 1 + k / 7);
  let value = 0;
  for (let step = 0; step < 2000; step++) {
    const dots = centered.map((row) => row.reduce((sum, x, k) => sum + x * v[k], 0));
    const next = mean.map(
      (_, k) => centered.reduce((sum, row, i) => sum + row[k] * dots[i], 0) / rows.length,
    );
    value = Math.hypot(...next) / Math.hypot(...v);
    v = next.map((x) => x / Math.hypot(...next));
  }
  return value;
}

describe('krum', () => {
  // Scores with n - f - 2 = 2 neighbours, squared: 0: 1+9, 1: 1+4, 3: 4+9, 7: 16+36, 50: far.
  const rows = [[0], [1], [3], [7], [50]];

  it('takes the message of least score', () => {
    expect(aggregate({ rule: 'krum', f: 1 }, rows)).toEqual([1]);
  });

  it('counts one neighbour more, or plain distances, when asked', () => {
    // Three neighbours: 0: 1+9+49, 1: 1+4+36, 3: 4+9+16, 7: 16+36+49.
    expect(aggregate({ rule: 'krum', f: 1, neighbours: 'n-f-1' }, rows)).toEqual([3]);
    // Plain: 0: 11, 1: 9, 3: 9, 7: 17: the first of equals.
    expect(aggregate({ rule: 'krum', f: 1, neighbours: 'n-f-1', distance: 'plain' }, rows)).toEqual([1]);
  });

  it('has a multiple form: the mean of the m best', () => {
    expect(aggregate({ rule: 'multi-krum', f: 1, m: 2 }, rows)).toEqual([0.5]);
    expect(aggregate({ rule: 'multi-krum', f: 1 }, rows)).toEqual([2.75]);
  });
});

describe('bulyan', () => {
  it('chooses by repeated Krum, then takes the mean around the median', () => {
    // n = 7, f = 1: Krum scores count 4 neighbours, one less with every message chosen. It chooses 5 of
    // {0, 1, 2, 3, 4, 5, 90}: 90 is last to go, and stays out; so does one end. Of five in a row, three around the median.
    const [x] = aggregate({ rule: 'bulyan', f: 1 }, [[0], [1], [2], [3], [4], [5], [90]]);
    expect(x).toBeGreaterThanOrEqual(2);
    expect(x).toBeLessThanOrEqual(3);
  });

  it('never chooses an outlier, whatever the order of the messages', () => {
    const values = [1, 1.7, 2.1, 3.3, 4.9, 6.2, 100];
    for (const order of permutations(values)) {
      const chosen = chosenByKrum(distancesOf(order.map((value) => [value])), 1);
      expect(chosen.map((i) => order[i])).not.toContain(100);
    }
  });

  it('takes the first of the two that are nearest to each other where one neighbour counts', () => {
    const rows = [[1], [1.7], [2.1], [3.3], [4.9], [6.2], [100]];
    // After 2.1, 3.3 and 1.7 there are 4.9 and 6.2, which score 1.3² each, and then 1 and the one of them that is left.
    expect(chosenByKrum(distancesOf(rows), 1)).toEqual([2, 3, 1, 4, 0]);
    expect(chosenByKrum(distancesOf(rows.toReversed()), 1)).toEqual([4, 3, 5, 1, 2]);
  });

  it('chooses by the scores of those that are left, each time anew', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const f = 1 + (seed % 3);
      const rows = normalRows(4 * f + 3 + (seed % 5), 2, seed);
      let left = [...rows.keys()];
      const expected: number[] = [];
      while (expected.length < rows.length - 2 * f) {
        const among = distancesOf(left.map((i) => rows[i]));
        const scores = krumScores(among, f, { distance: 'squared', neighbours: 'n-f-2' });
        const best = left[scores.indexOf(Math.min(...scores))];
        expected.push(best);
        left = left.filter((i) => i !== best);
      }
      expect(chosenByKrum(distancesOf(rows), f)).toEqual(expected);
    }
  });

  it('goes by the lower, the upper or the mean of two middle values', () => {
    // Krum leaves out 13 and 100. Of the rest four are taken: around 2, 6 and 10.
    const rows = [[0], [1], [2], [10], [11], [12], [13], [100]];
    const around = (tie?: string) => aggregate({ rule: 'bulyan', f: 1, tie }, rows)[0];
    expect(around()).toBe((0 + 1 + 2 + 10) / 4);
    expect(around('lower')).toBe((0 + 1 + 2 + 10) / 4);
    expect(around('midpoint')).toBe((1 + 2 + 10 + 11) / 4);
    expect(around('upper')).toBe((2 + 10 + 11 + 12) / 4);
  });
});

describe('mda', () => {
  it('finds what enumeration finds', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const n = 5 + (seed % 6);
      const f = seed % ((n + 1) >> 1);
      // Rounded ones have many distances that are equal.
      const rows = normalRows(n, 3, seed).map((row) => row.map((x) => (seed % 2 ? x : Math.round(x))));
      const distances = distancesOf(rows);
      const diameter = (subset: number[]) =>
        Math.max(0, ...subset.flatMap((i) => subset.map((j) => distances[i][j])));
      expect(leastDiameter(distances, f)).toEqual(first(subsets(n, n - f), diameter));
    }
  });

  it('takes the lexicographically first of equal subsets', () => {
    expect(leastDiameter(distancesOf([[9], [0], [1], [2], [3]]), 3)).toEqual([1, 2]);
    expect(leastDiameter(distancesOf([[1], [1], [1], [1]]), 1)).toEqual([0, 1, 2]);
  });

  it('masters sizes that enumeration does not: a cluster of 20 among 30', () => {
    // 30 choose 10 is 30 million.
    const rows = normalRows(30, 8, 3).map((row, i) =>
      i % 3 === 1 ? row.map((value) => 3 * value + 40) : row,
    );
    expect(leastDiameter(distancesOf(rows), 10)).toEqual(rows.flatMap((_, i) => (i % 3 === 1 ? [] : [i])));
    // Without a cluster there is more to try.
    expect(leastDiameter(distancesOf(normalRows(30, 8, 4)), 10)).toHaveLength(20);
  });

  it('masters hundreds: one of each of 90 pairs too far apart has to go', () => {
    const distances = Array.from({ length: 300 }, (_, i) => new Float64Array(300).fill(1).fill(0, i, i + 1));
    for (let i = 0; i < 90; i++) distances[i][299 - i] = distances[299 - i][i] = 2;
    const all = [...distances.keys()];
    expect(leastDiameter(distances, 90)).toEqual(all.slice(0, 210));
    // With one less to leave out, nothing is gained by leaving out any.
    expect(leastDiameter(distances, 89)).toEqual(all.slice(0, 211));
  });

  it('gives up a search without end, with the numbers', () => {
    // Conflicts are three matchings of 150 at random: a graph that no rule makes simpler.
    const draw = seedrandom('cubic');
    const distances = Array.from({ length: 180 }, (_, i) => new Float64Array(180).fill(1).fill(0, i, i + 1));
    for (let k = 0; k < 3; k++) {
      const order = Array.from({ length: 150 }, (_, i) => ({ i, at: draw() })).sort((a, b) => a.at - b.at);
      for (let p = 0; p < 150; p += 2) {
        const [a, b] = [order[p].i, order[p + 1].i];
        distances[a][b] = distances[b][a] = 2;
      }
    }
    expect(() => leastDiameter(distances, 80)).toThrow(
      'mda: the 100 of 180 messages of least diameter were not found in 100,000 branches of the search',
    );
  });
});

describe('smea', () => {
  it('finds what enumeration finds', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const n = 6 + (seed % 3);
      const f = 1 + (seed % 2);
      const rows = normalRows(n, 3, seed);
      const value = (subset: number[]) => variance(subset.map((i) => rows[i]));
      expect(leastVariance(distancesOf(rows), f)).toEqual(first(subsets(n, n - f), value));
    }
  });
});

describe('caf', () => {
  /** The definition in coordinates: the shares of least variance on the way to a weight of n - 2f. */
  function literal(rows: number[][], f: number): number[] {
    let c = rows.map(() => 1);
    let best = { value: Infinity, shares: c };
    const total = () => c.reduce((a, b) => a + b);
    while (total() > rows.length - 2 * f) {
      const p = c.map((weight) => weight / total());
      const mean = rows[0].map((_, k) => rows.reduce((sum, row, i) => sum + p[i] * row[k], 0));
      const centered = rows.map((row) => row.map((x, k) => x - mean[k]));
      const covariance = mean.map((_, k) =>
        Float64Array.from(mean, (_, l) => centered.reduce((sum, row, i) => sum + p[i] * row[k] * row[l], 0)),
      );
      const { value, vector: v } = topEigenpair(covariance);
      if (value < best.value) best = { value, shares: p };
      const t = centered.map((row) => row.reduce((sum, x, k) => sum + x * v[k], 0) ** 2);
      c = c.map((weight, i) => weight * (1 - t[i] / Math.max(...t)));
    }
    return best.shares;
  }

  const expectLiteral = (rows: number[][], f: number, tolerance: number) => {
    const expected = literal(rows, f);
    const actual = filteredShares(distancesOf(rows), f);
    for (const [i, share] of expected.entries())
      expect(Math.abs(actual[i] - share)).toBeLessThanOrEqual(tolerance);
  };

  it('filters by hand: the widest loses all its weight, the others their share', () => {
    // From the mean 2 of {0, 1, 7, 0}: squares 4, 1, 25, 4. Weights 21/25, 24/25, 0, 21/25 = 2.64 > n - 2f = 2.
    // Their mean is 24/66, from where 7 is still widest: 0 and 1 lose ((24/66) / (438/66))² and ((42/66) / (438/66))².
    const step = [(21 / 25) * (1 - (24 / 438) ** 2), (24 / 25) * (1 - (42 / 438) ** 2)];
    expect(step[0] * 2 + step[1]).toBeCloseTo(2.626, 3);
    expectLiteral([[0], [1], [7], [0]], 1, 1e-12);
    const shares = filteredShares(distancesOf([[0], [1], [7], [0]]), 1);
    expect(shares[1] / shares[0]).toBeLessThan(step[1] / step[0]);
    expect(shares[2]).toBe(0);
  });

  it('takes the maximum over messages that have lost their weight too', () => {
    for (let seed = 1; seed <= 6; seed++) {
      for (const size of [1, 5, 20]) {
        const rows = normalRows(7, 3, seed).map((row, i) => (i < 5 ? row : row.map((x) => size * x)));
        expectLiteral(rows, 2, 1e-9);
      }
    }
  });

  it('comes to an end where messages that lost their weight are very far out', () => {
    for (const far of [1e3, 1e6, 1e20, 1e100, 1e300]) {
      const rows = normalRows(9, 4, 5).map((row, i) => (i < 7 ? row : row.map((x) => far * x)));
      const shares = filteredShares(distancesOf(rows), 2);
      expect(shares.slice(7)).toEqual([0, 0]);
      expect(Math.max(...shares)).toBeLessThan(0.3);
    }
  });
});
