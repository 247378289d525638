import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { aggregators, metaAggregators } from '../../src/aggregators/index.js';
import { HostVectors } from '../../src/compute/vectors/host.js';
import { SimdVectors } from '../../src/compute/vectors/simd.js';
import { TensorVectors } from '../../src/compute/vectors/tensor.js';
import type { Vectors } from '../../src/compute/vectors/vectors.js';
import { generator, normal } from '../support/normal.js';
import { ruleFor, type Setting } from '../aggregators/support.js';
import { someParameters } from '../support/parameters.js';

/**
 * What must hold for every rule in the registry, on every kind of vectors. A rule that is not described here is held to
 * what needs no description: no dependence on the order of workers, equal messages back, none that are not finite.
 */

interface Traits {
  /** As in a config. */
  value: { rule: string; meta?: unknown[] } & Record<string, unknown>;
  /** Iterates to a tolerance: agrees only to about the square root of the precision. */
  iterative?: true;
  /** The first row is special: only the others may change places. */
  firstRowFixed?: true;
  /** Depends on the order of workers by its definition: it draws a random one, or takes the first of equals, which are common. */
  ordered?: true;
  /** n and f where not those of all: Bulyan's choice has no equals only where two neighbours count to the end. */
  size?: [n: number, f: number];
  /** Moves with the origin: A(X + t) = A(X) + t does not hold. */
  originBound?: true;
  /** Has a length of its own: A(cX) = c A(X) does not hold. */
  lengthBound?: true;
  /** f outliers leave it within the range of the honest values, in every coordinate. */
  withinRange?: true;
  /** Outliers move it as far as they like. */
  unprotected?: true;
  /** Has a weighted form. */
  weighted?: true;
}

const rules: Traits[] = [
  { value: { rule: 'mean' }, weighted: true, unprotected: true },
  { value: { rule: 'cwmed', tie: 'upper' }, weighted: true, withinRange: true },
  { value: { rule: 'cwmed', tie: 'midpoint' }, weighted: true, withinRange: true },
  { value: { rule: 'cwmed', tie: 'lower' }, weighted: true, withinRange: true },
  { value: { rule: 'geometric-median' }, weighted: true, originBound: true, unprotected: true },
  {
    value: { rule: 'geometric-median', floor: 0.1 },
    weighted: true,
    originBound: true,
    lengthBound: true,
    unprotected: true,
  },
  { value: { rule: 'geometric-median', tolerance: 1e-9 }, weighted: true, iterative: true },
  { value: { rule: 'trimmed-mean' }, withinRange: true },
  { value: { rule: 'mean-around-median' } },
  { value: { rule: 'mean-around-median', tie: 'upper' }, size: [12, 2] },
  { value: { rule: 'krum' } },
  { value: { rule: 'krum', neighbours: 'n-f-1', distance: 'plain' } },
  { value: { rule: 'multi-krum' } },
  { value: { rule: 'bulyan' }, size: [15, 3] },
  { value: { rule: 'bulyan', tie: 'midpoint' }, size: [16, 3] },
  { value: { rule: 'mda' }, ordered: true },
  { value: { rule: 'monna' }, firstRowFixed: true },
  {
    value: { rule: 'centered-clipping', radius: 1e6 },
    originBound: true,
    lengthBound: true,
    unprotected: true,
  },
  { value: { rule: 'centered-clipping', radius: 1, start: 'cwmed', steps: 3 }, lengthBound: true },
  { value: { rule: 'smea' } },
  { value: { rule: 'caf' } },
  { value: { rule: 'cwmed', tie: 'upper', meta: [{ rule: 'ctma', lambda: 0.25 }] }, weighted: true },
  { value: { rule: 'cwmed', tie: 'upper', meta: ['ctma'] } },
  { value: { rule: 'trimmed-mean', meta: ['nnm'] } },
  { value: { rule: 'cwmed', meta: ['nnm', 'ctma'] } },
  { value: { rule: 'cwmed', meta: [{ rule: 'bucketing', size: 2 }] }, ordered: true },
  {
    value: { rule: 'mean', meta: [{ rule: 'clipping', radius: 30 }] },
    weighted: true,
    originBound: true,
    lengthBound: true,
  },
  { value: { rule: 'trimmed-mean', meta: ['arc'] }, originBound: true },
];

/** What is not known of a rule that is not among these; what is left must hold for all. */
const unknown = { originBound: true, lengthBound: true, unprotected: true } as const;
const named = JSON.stringify(rules);
const isNew = ({ name }: { name: string }) => !named.includes(`"${name}"`);
for (const definition of [...aggregators.values()].filter(isNew))
  rules.push({ value: { rule: definition.name, ...someParameters(definition.parameters) }, ...unknown });
for (const { name, parameters } of [...metaAggregators.values()].filter(isNew))
  rules.push({ value: { rule: 'mean', meta: [{ rule: name, ...someParameters(parameters) }] }, ...unknown });

const d = 6;

/** Kept for all tests: every instance reserves a memory of its own. */
const simd = new Map<number, SimdVectors>();
beforeAll(async () => {
  for (const dimension of [1, d]) simd.set(dimension, await SimdVectors.create(dimension));
});

/** `exponents`: of ten, the least and the largest size of messages whose differences float32 or float64 hold. */
const kinds = [
  {
    name: 'host float64',
    make: (d: number): Vectors => new HostVectors(d, Float64Array),
    tolerance: 1e-12,
    exponents: [-300, 300],
    runs: 25,
  },
  {
    name: 'host float32',
    make: (d: number): Vectors => new HostVectors(d, Float32Array),
    tolerance: 3e-6,
    exponents: [-30, 37.5],
    runs: 25,
  },
  {
    name: 'SIMD',
    make: (d: number): Vectors => simd.get(d)!,
    tolerance: 3e-6,
    exponents: [-30, 37.5],
    runs: 10,
  },
  {
    name: 'tensors',
    make: (d: number): Vectors => new TensorVectors(d, tf),
    tolerance: 1e-5,
    exponents: [-30, 37.5],
    runs: 2,
  },
] as const;

type Rows = number[][];

beforeAll(() => tf.setBackend('cpu'));

/** The rule with all its lengths multiplied. */
function withLengths(value: Record<string, unknown>, factor: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (key === 'radius' || key === 'floor') return [key, factor * (entry as number)];
      if (key !== 'meta') return [key, entry];
      const meta = entry as (string | Record<string, unknown>)[];
      return [key, meta.map((rule) => (typeof rule === 'string' ? rule : withLengths(rule, factor)))];
    }),
  );
}

describe.each(kinds)('on $name', ({ make, tolerance, exponents: [least, largest], runs }) => {
  describe.each(rules)('%j', (traits) => {
    const { value } = traits;
    const [n, f] = traits.size ?? [11, 2];

    const aggregate = (rows: Rows, setting: Setting = {}, rule: object = value) => {
      const before = tf.memory().numTensors;
      const vectors = make(rows[0].length);
      const result = ruleFor(rule, rows.length, d, { byzantine: f, vectors, ...setting })(rows);
      expect(tf.memory().numTensors).toBe(before);
      return result;
    };

    const expectSame = (actual: number[], expected: number[], scale = 10) => {
      const error = Math.max(...actual.map((number, k) => Math.abs(number - expected[k])));
      const allowed = (traits.iterative ? Math.sqrt(tolerance) : tolerance) * scale;
      if (!(error <= allowed)) expect.fail(`[${actual.join(', ')}] is not [${expected.join(', ')}]`);
    };

    /** Checks many stacks in general position: no ties, which rules break by row. */
    const always = (check: (rows: Rows, random: () => number) => void) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1 << 30 }), (seed) => {
          const random = generator(seed);
          const rows = Array.from({ length: n }, () => Array.from({ length: d }, () => normal(random)));
          check(rows, random);
        }),
        { numRuns: runs, seed: 7 },
      );
    };

    const wholeWeights = (rows: Rows, random: () => number) => rows.map(() => 1 + Math.floor(4 * random()));

    it.skipIf(traits.ordered)('does not depend on the order of workers', () => {
      always((rows, random) => {
        const order = rows.map((_, i) => i);
        const fixed = traits.firstRowFixed ? 1 : 0;
        for (let i = n - 1; i > fixed; i--) {
          const j = fixed + Math.floor(random() * (i + 1 - fixed));
          [order[i], order[j]] = [order[j], order[i]];
        }
        const weights = traits.weighted && wholeWeights(rows, random);
        const permuted = { weights: weights && order.map((i) => weights[i]) };
        expectSame(
          aggregate(
            order.map((i) => rows[i]),
            permuted,
          ),
          aggregate(rows, { weights }),
        );
      });
    });

    it('gives equal messages back', () => {
      always(([row]) => expectSame(aggregate(new Array<number[]>(n).fill(row)), row));
    });

    it.skipIf(traits.originBound)('moves with its messages', () => {
      always((rows, random) => {
        const shift = Array.from({ length: d }, () => 8 * (random() - 0.5));
        const moved = rows.map((row) => row.map((number, k) => number + shift[k]));
        expectSame(
          aggregate(moved),
          aggregate(rows).map((number, k) => number + shift[k]),
        );
      });
    });

    it.skipIf(traits.lengthBound)('grows with its messages', () => {
      always((rows, random) => {
        const scale = 0.01 + 100 * random();
        const scaled = rows.map((row) => row.map((number) => scale * number));
        expectSame(
          aggregate(scaled),
          aggregate(rows).map((number) => scale * number),
          10 * scale,
        );
      });
    });

    it('grows with its messages to the ends of the range of numbers', () => {
      always((rows, random) => {
        const weights = traits.weighted && wholeWeights(rows, random);
        const plain = aggregate(rows, { weights });
        for (const exponent of [least, least + (largest - least) * random(), largest]) {
          const scale = 10 ** exponent;
          const scaled = rows.map((row) => row.map((number) => scale * number));
          const result = aggregate(scaled, { weights }, withLengths(value, scale));
          expectSame(
            result.map((number) => number / scale),
            plain,
          );
        }
      });
    });

    it.runIf(traits.withinRange)('stays in the range of the honest values whatever f others send', () => {
      always((rows, random) => {
        const honest = rows.slice(f);
        const size = 10 ** (largest * random());
        const outliers = rows.slice(0, f).map((row) => row.map((number) => size * number));
        const result = aggregate([...honest, ...outliers]);
        for (const [k, number] of result.entries()) {
          const column = honest.map((row) => row[k]);
          expect(number).toBeGreaterThanOrEqual(Math.min(...column) - 1e-6);
          expect(number).toBeLessThanOrEqual(Math.max(...column) + 1e-6);
        }
      });
    });

    it.skipIf(traits.unprotected)('stays near the honest messages whatever f others send', () => {
      always((rows, random) => {
        const honest = rows.slice(f);
        const size = 10 ** ((largest - 1) * random());
        const outliers = rows.slice(0, f).map((row) => row.map((number) => size * number));
        const result = aggregate([...honest, ...outliers]);
        const mean = result.map((_, k) => honest.reduce((sum, row) => sum + row[k], 0) / honest.length);
        const apart = (a: number[], b: number[]) => Math.hypot(...a.map((number, k) => number - b[k]));
        const diameter = Math.max(...honest.flatMap((a) => honest.map((b) => apart(a, b))));
        expect(apart(result, mean)).toBeLessThanOrEqual(2 * diameter);
      });
    });

    it.runIf(traits.weighted)('takes equal weights for none', () => {
      always((rows) => {
        const weights = rows.map(() => 3);
        expectSame(aggregate(rows, { weights }), aggregate(rows, { weights }, { ...value, weighted: false }));
      });
    });

    it.runIf(traits.weighted)('takes a whole weight for that many copies', () => {
      always((rows, random) => {
        const weights = wholeWeights(rows, random);
        const copies = rows.flatMap((row, i) => new Array<number[]>(weights[i]).fill(row));
        const ones = copies.map(() => 1);
        expectSame(aggregate(rows, { weights }), aggregate(copies, { weights: ones }));
      });
    });

    it('leaves out messages that are not finite, and counts them among the f', () => {
      always((rows, random) => {
        const dropped = 1 + Math.floor(f * random());
        const kept = rows.slice(0, n - dropped);
        const faults = rows.slice(n - dropped).map((row) => {
          const broken = [...row];
          broken[Math.floor(d * random())] = [NaN, Infinity, -Infinity][Math.floor(3 * random())];
          return broken;
        });
        expectSame(
          aggregate([...kept, ...faults], { lambda: 0.2 }),
          aggregate(kept, { byzantine: f - dropped, lambda: 0.2 }),
        );
      });
    });
  });
});
