import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tie, Vector, Vectors } from '../../../src/compute/vectors/vectors.js';
import { ExperimentError } from '../../../src/base/errors.js';
import { generator } from '../../support/normal.js';
import * as oracle from '../../oracles/vectors.js';
import type { Rows } from '../../oracles/vectors.js';

/** What an implementation of Vectors must do: every operation against the float64 oracle. Shared by all of them. */
export interface Subject {
  make: (dimension: number) => Vectors;
  /** Relative error, to the largest magnitude among the inputs, of what rounds: 1e-12 in float64, 1e-6 in float32. */
  tolerance: number;
  /** The least and the largest size of numbers that keep their precision, as their differences do. */
  range: readonly [number, number];
  /** Vectors alive now, where the implementation can tell. */
  alive?: () => number;
}

const shapes = [
  [1, 1],
  [1, 7],
  [2, 3],
  [3, 16],
  [4, 33],
  [5, 1],
  [8, 64],
  [9, 15],
  [16, 31],
  [17, 70],
  [65, 5],
];

const ties: Tie[] = ['lower', 'midpoint', 'upper'];

export function describeStack(name: string, start: () => Subject | Promise<Subject>): void {
  describe(`${name} vectors`, { timeout: 120_000 }, async () => {
    const { make, tolerance, range, alive } = await start();

    it('takes typed arrays for coefficients and weights, as distances come', () => {
      const vectors = make(3);
      const stack = vectors.stack(
        [
          [1, 2, 3],
          [4, 0, 0],
          [0, 5, 12],
        ].map((row) => vectors.fromHost(row)),
      );
      const numbers = stack.norms().map((norm) => norm / 20);
      const typed = numbers as unknown as number[];
      const plain = [...numbers];
      const same = (body: (weights: readonly number[]) => Vector) =>
        expect(vectors.toHost(body(typed))).toEqual(vectors.toHost(body(plain)));
      same((weights) => stack.combine(weights));
      same((weights) => stack.mix([weights]).row(0));
      same((weights) => stack.weightedMedian(weights, 'lower'));
      same((weights) => stack.moments(weights).deviation);
    });

    const expectClose = (actual: ArrayLike<number>, expected: readonly number[], scale: number) => {
      expect(actual.length).toBe(expected.length);
      for (const [k, value] of expected.entries()) {
        const error = Math.abs(actual[k] - value);
        if (!(error <= tolerance * scale))
          expect.fail(`[${k}] is ${actual[k]}, not ${value} (scale ${scale})`);
      }
    };

    /** Runs a check on the stack of these rows, and releases what it made. */
    const withStack = (
      rows: Rows,
      check: (vectors: Vectors, stack: ReturnType<Vectors['stack']>) => void,
    ) => {
      const vectors = make(rows[0].length);
      const before = alive?.();
      vectors.release(
        vectors.scope(() => {
          check(vectors, vectors.stack(rows.map((row) => vectors.fromHost(row))));
          return vectors.fromHost(rows[0]);
        }),
      );
      expect(alive?.()).toBe(before);
    };

    const largest = (rows: Rows) => Math.max(...rows.flat().map(Math.abs), 1e-30);

    /** Every operation on these rows and weights, with every parameter that is legal. */
    const expectAll = (rows: Rows, weights: readonly number[]) => {
      const m = rows.length;
      const scale = largest(rows);
      const coefficients = weights.map((weight, i) => (i % 2 ? -weight : weight) / oracle.total(weights));
      withStack(rows, (vectors, stack) => {
        const host = (vector: Vector) => vectors.toHost(vector);
        expect(stack.size).toBe(m);
        expect(stack.dimension).toBe(rows[0].length);
        const expectedSum = oracle.combine(coefficients, rows);
        expectClose(host(stack.combine(coefficients)), expectedSum, scale);
        const all = rows.map((_, i) => stack.row(i));
        expectClose(host(vectors.combine(coefficients, all)), expectedSum, scale);

        const reversed = rows.map((_, i) => m - 1 - i);
        const mixed = stack.select(reversed).mix([coefficients, weights.map(() => 1 / m)]);
        const back = [...rows].reverse();
        expectClose(host(mixed.row(0)), oracle.combine(coefficients, back), scale);
        expectClose(
          host(mixed.row(1)),
          oracle.combine(
            weights.map(() => 1 / m),
            back,
          ),
          scale,
        );
        expect(mixed.size).toBe(2);

        const d = rows[0].length;
        expectClose(
          stack.distancesTo(stack.row(m - 1)),
          oracle.distances(rows, rows[m - 1]),
          scale * Math.sqrt(d),
        );
        expect(stack.distancesTo(stack.row(0))[0]).toBe(0);
        expectClose(
          stack.norms(),
          oracle.distances(rows, new Array<number>(d).fill(0)),
          scale * Math.sqrt(d),
        );

        for (const tie of ties) {
          expectClose(
            host(stack.weightedMedian(weights, tie)),
            oracle.weightedMedian(rows, weights, tie),
            scale,
          );
        }
        for (const f of some(0, (m - 1) >> 1)) {
          expectClose(host(stack.trimmedMean(f)), oracle.trimmedMean(rows, f), scale);
        }
        for (const keep of some(1, m)) {
          const tie = ties[keep % 3];
          expectClose(
            host(stack.meanAroundMedian(keep, tie)),
            oracle.meanAroundMedian(rows, keep, tie),
            scale,
          );
        }
        for (const correction of [0, 1]) {
          if (oracle.total(weights) <= correction) continue;
          const { mean, deviation } = stack.moments(weights, correction);
          const expected = oracle.moments(rows, weights, correction);
          expectClose(host(mean), expected.mean, scale);
          expectClose(host(deviation), expected.deviation, scale);
        }
      });
    };

    it.each(shapes)('agrees with the oracle on %i x %i', (m, d) => {
      const random = generator(m * 1000 + d);
      expectAll(
        matrix(m, d, () => gridValue(random)),
        Array.from({ length: m }, () => 1 + Math.floor(9 * random())),
      );
    });

    it('agrees with the oracle on any small stack with ties, zero weights and repeated values', () => {
      const small = fc
        .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 19 }))
        .chain(([m, d]) =>
          fc.tuple(
            fc.array(fc.array(fc.integer({ min: -6, max: 6 }), { minLength: d, maxLength: d }), {
              minLength: m,
              maxLength: m,
            }),
            fc
              .array(fc.integer({ min: 0, max: 4 }), { minLength: m, maxLength: m })
              .filter((weights) => oracle.total(weights) > 1),
          ),
        );
      fc.assert(
        fc.property(small, ([rows, weights]) => expectAll(rows, weights)),
        { numRuns: 60, seed: 1 },
      );
    });

    it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
      'sums every coordinate of a length near a multiple of 8 (+ %i)',
      (tail) => {
        const random = generator(tail);
        const rows = matrix(5, 56 + tail, () => gridValue(random));
        expectAll(rows, [3, 1, 4, 1, 5]);
      },
    );

    it('skips a vector whose coefficient is 0, whatever it holds', () => {
      withStack(
        [
          [Infinity, NaN],
          [1, 2],
        ],
        (vectors, stack) => {
          expect([...vectors.toHost(stack.combine([0, 2]))]).toEqual([2, 4]);
          expect([...vectors.toHost(vectors.combine([2, 0], [stack.row(1), stack.row(0)]))]).toEqual([2, 4]);
          expect([...vectors.toHost(stack.combine([0, 0]))]).toEqual([0, 0]);
        },
      );
    });

    it('never counts rows of weight 0 in a median', () => {
      withStack([[5], [-9], [1], [9]], (vectors, stack) => {
        for (const tie of ties) {
          expect([...vectors.toHost(stack.weightedMedian([1, 0, 0, 0], tie))]).toEqual([5]);
        }
        expect([...vectors.toHost(stack.weightedMedian([1, 7, 1, 0], 'midpoint'))]).toEqual([-9]);
        expect([...vectors.toHost(stack.weightedMedian([1, 0, 1, 0], 'midpoint'))]).toEqual([3]);
      });
    });

    it('takes lower, midpoint and upper where half the weight lies on either side', () => {
      withStack(
        [
          [4, 1],
          [1, 1],
          [2, 8],
          [3, 9],
        ],
        (vectors, stack) => {
          const median = (tie: Tie) => [...vectors.toHost(stack.weightedMedian([1, 1, 1, 1], tie))];
          expect(median('lower')).toEqual([2, 1]);
          expect(median('midpoint')).toEqual([2.5, 4.5]);
          expect(median('upper')).toEqual([3, 8]);
        },
      );
    });

    it.each([
      // Values 1 to m; the last weights tip the balance by as little as can be written.
      [[0.1, 0.2, 0.2, 0.1], 2, 3],
      [[0.1, 0.2, 0.3], 2, 3],
      [[1 / 3, 1 / 3, 1 / 3, 1], 3, 4],
      [[0.3, 0.3, 0.6], 2, 3],
      [[2 / 3, 2 / 3, 4 / 3], 2, 3],
      [[0.1, 0.7, 0.2, 0.6], 2, 3],
      [new Array<number>(10).fill(0.1), 5, 6],
      [[1e-300, 2e-300, 3e-300], 2, 3],
      [[1e300, 2e300, 3e300], 2, 3],
      [[5e-324, 5e-324], 1, 2],
      [[5e-324, 5e-324, 5e-324], 2, 2],
      [[0.1, 0.10000000000000002], 2, 2],
      [[0.10000000000000002, 0.1], 1, 1],
      [[0.1, 0.2, 0.3000000000000001], 3, 3],
      [[2 ** 52, 2 ** 52 - 1, 1], 1, 2],
      [[2 ** 52, 2 ** 52 - 1, 2], 2, 2],
      [[2 ** 52, 2 ** 52 - 1], 1, 1],
    ])('finds where the weights %j are halved', (weights, lower, upper) => {
      const rows = weights.map((_, i) => [i + 1, -1]);
      withStack(rows, (vectors, stack) => {
        const median = (tie: Tie) => vectors.toHost(stack.weightedMedian(weights, tie))[0];
        expect(ties.map(median)).toEqual([lower, (lower + upper) / 2, upper]);
      });
    });

    it('takes the smaller of two values equally near the median', () => {
      withStack([[1], [4], [7]], (vectors, stack) => {
        for (const tie of ties) expect([...vectors.toHost(stack.meanAroundMedian(2, tie))]).toEqual([2.5]);
      });
    });

    it('takes values around the lower, the upper or no middle one where there are two', () => {
      withStack([[9], [1], [8], [4]], (vectors, stack) => {
        const around = (keep: number, tie: Tie) => vectors.toHost(stack.meanAroundMedian(keep, tie))[0];
        // Around 4, 6 and 8; of 4 and 8, equally near 6, the smaller.
        expect(ties.map((tie) => around(1, tie))).toEqual([4, 4, 8]);
        expect(ties.map((tie) => around(2, tie))).toEqual([2.5, 6, 8.5]);
        expect(ties.map((tie) => around(4, tie))).toEqual([5.5, 5.5, 5.5]);
      });
    });

    it('treats -0 as 0', () => {
      withStack([[-0], [0], [-0], [0], [1]], (vectors, stack) => {
        for (const tie of ties)
          expect(vectors.toHost(stack.weightedMedian([1, 1, 1, 1, 1], tie))[0]).toBeCloseTo(0);
        expect(vectors.toHost(stack.trimmedMean(1))[0]).toBeCloseTo(0);
        expect(vectors.toHost(stack.meanAroundMedian(4, 'lower'))[0]).toBeCloseTo(0);
      });
    });

    it('keeps its results among values whose squares no number can hold', () => {
      const huge = range[1] / 4;
      const rows = [
        [huge, -huge],
        [1, 2],
        [-huge, huge],
        [2, 1],
        [0, 3],
      ];
      withStack(rows, (vectors, stack) => {
        const ones = [1, 1, 1, 1, 1];
        expect([...vectors.toHost(stack.weightedMedian(ones, 'lower'))]).toEqual([1, 2]);
        expectClose(vectors.toHost(stack.trimmedMean(1)), [1, 2], 1);
        expectClose(vectors.toHost(stack.meanAroundMedian(3, 'lower')), [1, 2], 1);
        const far = Math.SQRT2 * huge;
        const [a, b, c] = stack.norms();
        expectClose([a / far, b, c / far], [1, Math.sqrt(5), 1], 5);
        expectClose([stack.distancesTo(stack.row(1))[0] / far], [1], 1);
      });
    });

    it.each(range)('measures numbers of size %d as it does others', (magnitude) => {
      // A power of two, which leaves ties what they are.
      const size = 2 ** Math.floor(Math.log2(magnitude));
      const random = generator(7);
      const rows = matrix(6, 37, () => gridValue(random) / 16);
      const weights = [3, 1, 4, 1, 5, 2];
      const everything = (factor: number) => {
        let measured: number[] = [];
        withStack(
          rows.map((row) => row.map((x) => x * factor)),
          (vectors, stack) => {
            const host = (vector: Vector) => [...vectors.toHost(vector)];
            const { mean, deviation } = stack.moments(weights, 1);
            measured = [
              ...stack.norms(),
              ...stack.distancesTo(stack.row(2)),
              ...[mean, deviation, stack.trimmedMean(2)].flatMap(host),
              ...ties.flatMap((tie) => host(stack.weightedMedian(weights, tie))),
              ...ties.flatMap((tie) => host(stack.meanAroundMedian(4, tie))),
            ];
          },
        );
        return measured;
      };
      const expected = everything(1);
      expectClose(
        everything(size).map((x) => x / size),
        expected,
        Math.max(...expected),
      );
    });

    it('measures distances longer than the largest number of a vector, or says that it cannot', () => {
      const most = range[1] > 1e38 ? 1.7e308 : 3e38;
      withStack([[most], [-most], [0]], (_, stack) => {
        const distances = () => [...stack.distancesTo(stack.row(0))];
        if (Number.isFinite(2 * most)) expect(distances().map((x) => x / most)).toEqual([0, 2, 1].map(near));
        else
          expect(distances).toThrow(
            new ExperimentError(
              'numbers too large: the length of a vector, or of a difference, is beyond 1.7976931348623157e+308',
            ),
          );
      });
    });

    it('tells finite vectors from others, wherever the fault lies', () => {
      for (const d of [1, 3, 4, 17, 70]) {
        const vectors = make(d);
        for (const fault of [NaN, Infinity, -Infinity, 3]) {
          for (const at of [0, d >> 1, d - 1]) {
            const vector = vectors.fromHost(Array.from({ length: d }, (_, k) => (k === at ? fault : k)));
            expect(vectors.isFinite(vector)).toBe(fault === 3);
            vectors.release(vector);
          }
        }
        // An intermediate sum may overflow; the vector is finite all the same.
        const large = vectors.fromHost(new Array<number>(d).fill(3e38));
        expect(vectors.isFinite(large)).toBe(true);
        vectors.release(large);
      }
    });

    it('copies what comes in and what goes out', () => {
      const vectors = make(2);
      const values = new Float32Array([1, 2]);
      const vector = vectors.fromHost(values);
      values[0] = 9;
      vectors.toHost(vector)[1] = 9;
      expect([...vectors.toHost(vector)]).toEqual([1, 2]);
      expect(vector.dimension).toBe(2);
      vectors.release(vector);
    });

    it('keeps what a scope returns, from inside or outside, and from a scope within', () => {
      const vectors = make(2);
      const before = alive?.();
      const outside = vectors.fromHost([1, 2]);
      expect(vectors.scope(() => outside)).toBe(outside);
      const inside = vectors.scope(() => {
        const doubled = vectors.scope(() => vectors.combine([2], [outside]));
        return vectors.combine([1, 1], [doubled, outside]);
      });
      expect([...vectors.toHost(inside)]).toEqual([3, 6]);
      expect([...vectors.toHost(outside)]).toEqual([1, 2]);
      vectors.release(inside);
      vectors.release(outside);
      expect(alive?.()).toBe(before);
    });
  });
}

const near = (x: number): unknown => expect.closeTo(x, 5);

/** All integers from..to, or of many the first, the last and some between. */
function some(from: number, to: number): number[] {
  const all = Array.from({ length: to - from + 1 }, (_, k) => from + k);
  return all.length <= 17 ? all : all.filter((k) => k - from < 2 || to - k < 2 || k % 16 === 0);
}

/** Values that float32 holds exactly, many of them equal: ties are then ties in every implementation. */
const gridValue = (random: () => number) => Math.round((random() - 0.5) * 200) / 16;

const matrix = (m: number, d: number, value: () => number) =>
  Array.from({ length: m }, () => Array.from({ length: d }, value));
