import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { TensorVectors } from '../../../src/compute/vectors/tensor.js';
import type { Stack, Vector, Vectors } from '../../../src/compute/vectors/vectors.js';
import * as oracle from '../../oracles/vectors.js';
import { generator } from '../../support/normal.js';
import { describeStack } from './conformance.js';

beforeAll(() => tf.setBackend('cpu'));

describeStack('tensor (cpu backend)', async () => {
  await tf.setBackend('cpu');
  return {
    make: (dimension) => new TensorVectors(dimension, tf),
    tolerance: 1e-6,
    range: [1e-30, 1e37],
    alive: () => tf.memory().numTensors,
  };
});

describe('tensor vectors worked on piece by piece', () => {
  const random = generator(1);
  const [m, d] = [7, 50];
  const rows = Array.from({ length: m }, () => Array.from({ length: d }, () => Math.round(40 * random())));
  const weights = [5, 1, 3, 1, 4, 1, 2];
  const on = (piece: number | undefined, body: (stack: Stack, vectors: Vectors) => ArrayLike<number>) => {
    const vectors = new TensorVectors(d, tf, piece);
    const result = body(vectors.stack(rows.map((row) => vectors.fromHost(row))), vectors);
    vectors.dispose();
    return Array.from(result);
  };

  const coordinatewise: Record<string, (stack: Stack) => Vector> = {
    'weighted medians': (stack) => stack.weightedMedian(weights, 'midpoint'),
    medians: (stack) => stack.weightedMedian([1, 1, 1, 1, 1, 1, 1], 'lower'),
    'trimmed means': (stack) => stack.trimmedMean(2),
    'means around medians': (stack) => stack.meanAroundMedian(4, 'midpoint'),
  };
  // 60 numbers are 8 coordinates of 7 rows: the last piece is shorter.
  it.each(Object.entries(coordinatewise))('gives the same bytes: %s', (_, operation) => {
    const run = (piece?: number) => on(piece, (stack, vectors) => vectors.toHost(operation(stack)));
    expect(run(60)).toEqual(run());
    expect(run(1)).toEqual(run());
  });

  it('adds up norms, distances and products', () => {
    const close = (actual: number[], expected: number[]) =>
      expected.forEach((value, k) => expect(Math.abs(actual[k] - value)).toBeLessThan(1e-6 * (1 + value)));
    close(
      on(60, (stack) => stack.norms()),
      oracle.distances(rows, new Array<number>(d).fill(0)),
    );
    close(
      on(60, (stack) => stack.distancesTo(stack.row(2))),
      oracle.distances(rows, rows[2]),
    );
  });
});

describe('the weights of a tensor median', () => {
  const median = (weights: number[], tie: 'lower' | 'upper') => {
    const vectors = new TensorVectors(1, tf);
    const stack = vectors.stack([1, 2, 3, 4].map((value) => vectors.fromHost([value])));
    const [result] = vectors.toHost(stack.weightedMedian(weights, tie));
    vectors.dispose();
    return result;
  };

  it('meet in exactly half where they do, however large or fractional', () => {
    for (const unit of [1, 4_000_000, 0.1, Math.PI, 1e-30, 1e30]) {
      expect(median([unit, unit, unit, unit], 'lower')).toBe(2);
      expect(median([unit, unit, unit, unit], 'upper')).toBe(3);
    }
    expect(median([3_000_000, 1, 3_000_000, 1], 'lower')).toBe(2);
    expect(median([3_000_000, 1, 3_000_000, 1], 'upper')).toBe(3);
  });

  it('of any size keep their proportions', () => {
    expect(median([1.5e9, 1e9, 1e9, 1e9], 'upper')).toBe(2);
    expect(median([0.4, 0.3, 0.2, 0.15], 'upper')).toBe(2);
    expect(median([5e20, 1, 1, 1], 'upper')).toBe(1);
  });
});

it('disposing of vectors frees what is left, and nothing twice', () => {
  const { numTensors } = tf.memory();
  const vectors = new TensorVectors(2, tf);
  const kept = vectors.fromHost([1, 2]);
  vectors.release(vectors.fromHost([3, 4]));
  vectors.combine([2], [kept]);
  for (let k = 0; k < 3000; k++) vectors.release(vectors.fromHost([5, 6]));
  expect(tf.memory().numTensors).toBe(numTensors + 2);
  vectors.dispose();
  expect(tf.memory().numTensors).toBe(numTensors);
});
