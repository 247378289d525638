import fc from 'fast-check';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileStackKernels } from '../../../src/compute/kernels/stack.js';
import { SimdVectors } from '../../../src/compute/vectors/simd.js';
import type { Tie } from '../../../src/compute/vectors/vectors.js';
import { UserError } from '../../../src/base/errors.js';
import * as oracle from '../../oracles/vectors.js';
import { describeStack } from './conformance.js';

describeStack('SIMD', async () => {
  const module = await compileStackKernels();
  const made: SimdVectors[] = [];
  return {
    make: (dimension) => made[made.push(new SimdVectors(dimension, module)) - 1],
    tolerance: 1e-6,
    range: [1e-30, 1e37],
    alive: () => oracle.total(made.map((vectors) => vectors.alive)),
  };
});

const ties: Tie[] = ['lower', 'midpoint', 'upper'];

const stackOf = async (rows: oracle.Rows) => {
  const vectors = await SimdVectors.create(rows[0].length);
  return { vectors, stack: vectors.stack(rows.map((row) => vectors.fromHost(row))) };
};

/** m rows of d float32, many of them equal. */
const anyRows = fc
  .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 5 }))
  .chain(([m, d, grain]) =>
    fc
      .infiniteStream(fc.integer({ min: -40, max: 40 }))
      .map((values) =>
        Array.from({ length: m }, () =>
          Array.from({ length: d }, () => Math.fround(values.next().value! / grain)),
        ),
      ),
  );

const weightsFor = (m: number, weight: fc.Arbitrary<number>) =>
  fc.array(weight, { minLength: m, maxLength: m }).filter((weights) => weights.some((w) => w > 0));

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  for (let k = 0; k < expected.length; k++) {
    if (!(Math.abs(actual[k] - expected[k]) <= tolerance))
      expect.fail(`[${k}] is ${actual[k]}, not ${expected[k]}`);
  }
};

describe('medians of SIMD vectors', () => {
  it.each([
    ['update counts', fc.integer({ min: 0, max: 60 })],
    ['counts up to 2^24 together', fc.integer({ min: 0, max: Math.floor(2 ** 24 / 70) })],
    ['counts beyond 32 bits', fc.integer({ min: 0, max: 2 ** 44 })],
    ['eighths', fc.integer({ min: 0, max: 9 }).map((n) => n / 8)],
    // Spread evenly: where sums of real weights nearly tie, the rounding of the oracle's sums decides.
    ['reals', fc.noBias(fc.integer({ min: 1, max: 2 ** 40 })).map((n) => n * Math.PI)],
  ])('select what the oracle selects for %s', async (_, weight) => {
    const cases = anyRows.chain((rows) => fc.tuple(fc.constant(rows), weightsFor(rows.length, weight)));
    await fc.assert(
      fc.asyncProperty(cases, async ([rows, weights]) => {
        const { vectors, stack } = await stackOf(rows);
        for (const tie of ties) {
          const expected = oracle.weightedMedian(rows, weights, tie).map(Math.fround);
          close(vectors.toHost(stack.weightedMedian(weights, tie)), expected, 0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('find exact ties of real weights, however their sums round', async () => {
    const values = (m: number) => Array.from({ length: m }, (_, i) => [i]);
    // Ten times 0.1 adds up to 0.9999999999999999, and five times to 0.5.
    const tenths = await stackOf(values(10));
    const median = (tie: Tie) => tenths.stack.weightedMedian(new Array<number>(10).fill(0.1), tie).values[0];
    expect(ties.map(median)).toEqual([4, 4.5, 5]);
    const { stack } = await stackOf(values(3));
    expect(ties.map((tie) => stack.weightedMedian([0.3, 0.3, 0.6], tie).values[0])).toEqual([1, 1.5, 2]);
    expect(ties.map((tie) => stack.weightedMedian([1e-300, 3e-300, 2e-300], tie).values[0])).toEqual([
      1, 1, 1,
    ]);
  });

  it('find the midpoint of the largest and of the least numbers', async () => {
    const max = 3.4028234663852886e38;
    const least = 1.401298464324817e-45;
    const { stack } = await stackOf([
      [max, least],
      [max, 3 * least],
    ]);
    expect([...stack.weightedMedian([1, 1], 'midpoint').values]).toEqual([max, 2 * least]);
  });
});

describe('SIMD vectors', () => {
  it('agree with the oracle on any stack of up to 70 rows', async () => {
    const cases = anyRows.chain((rows) =>
      fc.tuple(
        fc.constant(rows),
        weightsFor(rows.length, fc.integer({ min: 0, max: 9 })),
        fc.nat(),
        fc.nat(),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([rows, weights, a, b]) => {
        const m = rows.length;
        const d = rows[0].length;
        const { vectors, stack } = await stackOf(rows);
        const scale = Math.max(...rows.flat().map(Math.abs), 1);
        const f = a % Math.ceil(m / 2);
        const keep = 1 + (b % m);
        close(vectors.toHost(stack.trimmedMean(f)), oracle.trimmedMean(rows, f), 1e-7 * scale);
        close(
          vectors.toHost(stack.meanAroundMedian(keep, ties[a % 3])),
          oracle.meanAroundMedian(rows, keep, ties[a % 3]),
          1e-7 * scale,
        );
        const normalised = weights.map((w, i) => ((i % 3 ? 1 : -1) * w) / oracle.total(weights));
        for (const coefficients of [normalised, weights]) {
          close(
            vectors.toHost(stack.combine(coefficients)),
            oracle.combine(coefficients, rows),
            4e-7 * scale * oracle.total(coefficients.map(Math.abs)),
          );
        }
        close(
          stack.distancesTo(stack.row(b % m)),
          oracle.distances(rows, rows[b % m]),
          1e-6 * scale * Math.sqrt(d),
        );
        const { mean, deviation } = stack.moments(weights);
        const expected = oracle.moments(rows, weights, 0);
        close(vectors.toHost(mean), expected.mean, 1e-7 * scale);
        close(vectors.toHost(deviation), expected.deviation, 1e-7 * scale);
      }),
      { numRuns: 60 },
    );
  });

  it('sort every pattern of zeros and ones, hence everything, in straight-line code', async () => {
    for (let m = 1; m <= 17; m++) {
      const vectors = await SimdVectors.create(2 ** m);
      const rows = Array.from({ length: m }, (_, i) =>
        vectors.fromHost(Float32Array.from({ length: 2 ** m }, (_, k) => (k >> i) & 1)),
      );
      const ones = Float64Array.from({ length: 2 ** m }, (_, k) => k.toString(2).replaceAll('0', '').length);
      // Of sorted zeros and ones, these many ones are left between rank f and m - f - 1.
      for (let f = 0; 2 * f < m; f++) {
        const left = ones.map((n) => Math.min(Math.max(n - f, 0), m - 2 * f) / (m - 2 * f));
        close(vectors.stack(rows).trimmedMean(f).values, Float32Array.from(left), 0);
      }
    }
  });

  it('measure rows too small, too large or too different for squares in float32', async () => {
    const max = 3.4028234663852886e38;
    const rows = [
      [1e-30, 2e-30, 1e-30],
      [max, -max, 0],
      [-max, max, 0],
      [0, 0, 0],
      [1, 2, 2],
    ].map((row) => row.map(Math.fround));
    const { stack } = await stackOf(rows);
    for (let i = 0; i < rows.length; i++) {
      const expected = oracle.distances(rows, rows[i]);
      const actual = stack.distancesTo(stack.row(i));
      for (let j = 0; j < rows.length; j++) {
        expect(Math.abs(actual[j] - expected[j])).toBeLessThanOrEqual(1e-6 * expected[j]);
      }
    }
    expect(stack.norms()[0]).toBeCloseTo(Math.sqrt(6) * 1e-30, 36);
  });

  it('keep a long sum within 1e-6', async () => {
    const d = 1_000_003;
    const vectors = await SimdVectors.create(d);
    const values = Float32Array.from({ length: d }, (_, k) => Math.fround(Math.sin(k) + 0.01));
    const expected = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
    const stack = vectors.stack([vectors.fromHost(values)]);
    const origin = vectors.fromHost(new Float32Array(d));
    expect(Math.abs(stack.norms()[0] / expected - 1)).toBeLessThan(1e-7);
    expect(Math.abs(stack.distancesTo(origin)[0] / expected - 1)).toBeLessThan(1e-7);
  });

  it('refuse vectors that were released or made elsewhere', async () => {
    const vectors = await SimdVectors.create(3);
    const other = await SimdVectors.create(3);
    const vector = vectors.fromHost([1, 2, 3]);
    const stack = vectors.stack([vector]);
    expect(() => vectors.toHost(other.fromHost([1, 2, 3]))).toThrow('made elsewhere');
    expect(() => vectors.fromHost([1, 2])).toThrow('invalid length');
    vectors.release(vector);
    expect(() => vectors.release(vector)).toThrow('released');
    expect(() => vector.values).toThrow('released');
    expect(() => stack.norms()).toThrow('released');
    const inner = { vector };
    vectors.scope(() => (inner.vector = vectors.fromHost([0, 0, 0])) && vectors.fromHost([1, 1, 1]));
    expect(() => vectors.isFinite(inner.vector)).toThrow('released');
  });

  it('free what a failed scope made', async () => {
    const vectors = await SimdVectors.create(3);
    const body = () => {
      vectors.fromHost([1, 2, 3]);
      throw new Error('no');
    };
    expect(() => vectors.scope(body)).toThrow('no');
    expect(vectors.alive).toBe(0);
  });

  it('reuse memory, whatever it held', async () => {
    const vectors = await SimdVectors.create(5);
    const rows = [vectors.fromHost([1, 2, 3, 4, 5]), vectors.fromHost([5, 4, 3, 2, 1])];
    const stack = vectors.stack(rows);
    const step = () =>
      vectors.release(
        vectors.scope(() => {
          vectors.combine([Infinity, -Infinity], rows);
          stack.norms();
          return stack.mix([[0.5, 0.5]]).weightedMedian([1], 'upper');
        }),
      );
    step();
    const size = vectors.memory.buffer.byteLength;
    for (let k = 0; k < 1000; k++) step();
    expect(vectors.memory.buffer.byteLength).toBe(size);
    // The padding of the block that held Infinity · 0 is zero again.
    const reused = vectors.stack([vectors.fromHost([1, 1, 1, 1, 1]), vectors.fromHost([2, 0, 0, 0, 0])]);
    expect([...reused.norms()]).toEqual([Math.sqrt(5), 2]);
  });

  it('lie elsewhere while they rest, once half of the memory is taken', async () => {
    const vectors = await SimdVectors.create(1_000_001);
    const first = vectors.fromHost(new Float32Array(1_000_001).fill(1));
    vectors.rest(first);
    const { pointer } = first;
    expect(pointer).toBeGreaterThan(0);
    // Memory that is not written takes none.
    while (vectors.memory.buffer.byteLength < 2.4e9) vectors.allocate();
    const { alive } = vectors;
    vectors.rest(first);
    expect(vectors.allocate().pointer).toBe(pointer);
    expect([...vectors.toHost(first).subarray(-2)]).toEqual([1, 1]);
    expect(vectors.stack([first]).norms()[0]).toBeCloseTo(Math.sqrt(1_000_001), 6);
    vectors.rest(first);
    expect([...vectors.combine([2], [first]).values.subarray(-2)]).toEqual([2, 2]);
    vectors.rest(first);
    vectors.release(first);
    expect(() => vectors.rest(first)).toThrow('released');
    expect(vectors.alive).toBe(alive + 1);
  });

  it('say when a model does not fit', async () => {
    const vectors = await SimdVectors.create(200_000_000);
    const fill = () => {
      for (let k = 0; k < 6; k++) vectors.allocate();
    };
    expect(fill).toThrow(UserError);
    expect(fill).toThrow(/^not enough memory: \d vectors of 200000000 numbers/);
  });
});

describe('the memory of SIMD vectors', () => {
  let vectors: SimdVectors;
  beforeAll(async () => {
    vectors = await SimdVectors.create(1000);
  });

  it('is written in place by another thread', async () => {
    const { pointer } = vectors.allocate();
    const fresh = vectors.allocate();
    const script = `
      const { workerData: { memory, pointer, dimension }, parentPort } = require('node:worker_threads');
      new Float32Array(memory.buffer, pointer, dimension).fill(3);
      parentPort.postMessage('done');`;
    const worker = new Worker(script, {
      eval: true,
      workerData: { memory: vectors.memory, pointer: fresh.pointer, dimension: 1000 },
    });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    expect(pointer).not.toBe(fresh.pointer);
    expect(vectors.stack([fresh]).norms()[0]).toBeCloseTo(3 * Math.sqrt(1000), 9);
  });

  it('may grow under views taken before', () => {
    const early = vectors.fromHost(new Float32Array(1000).fill(7));
    const view = early.values;
    const size = vectors.memory.buffer.byteLength;
    while (vectors.memory.buffer.byteLength === size) vectors.allocate();
    early.values[1] = 8;
    expect([...view.subarray(0, 3)]).toEqual([7, 8, 7]);
    expect([...vectors.toHost(early).subarray(0, 3)]).toEqual([7, 8, 7]);
  });
});
