import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { cpu } from '../../src/compute/eager/cpu.js';
import {
  batchNormEvaluation,
  batchNormTraining,
  crossEntropy,
  scoreLogits,
} from '../../src/models/layers.js';

beforeAll(() => cpu.load('cpu'));

it('batch norm in training: mean, unbiased variance, and an output by the biased one', () => {
  // Column 1: 1, 2, 6: mean 3, squares 4 + 1 + 9 = 14. Column 2: 0, 0, 3: mean 1, squares 1 + 1 + 4 = 6.
  const x = tf.tensor2d([1, 0, 2, 0, 6, 3], [3, 2]);
  const { output, mean, variance } = batchNormTraining(tf, x, tf.tensor1d([2, 1]), tf.tensor1d([0, 5]));
  expect(Array.from(mean.dataSync())).toEqual([3, 1]);
  expect(Array.from(variance.dataSync())).toEqual([7, 3]);
  const first = (value: number) => (2 * (value - 3)) / Math.sqrt(14 / 3 + 1e-5);
  const second = (value: number) => (value - 1) / Math.sqrt(2 + 1e-5) + 5;
  const expected = [first(1), second(0), first(2), second(0), first(6), second(3)];
  output.dataSync().forEach((value, k) => expect(value).toBeCloseTo(expected[k], 5));
});

it('batch norm in training of images: over batch, rows and columns', () => {
  const x = tf.tensor4d([0, 10, 2, 10, 4, 10, 6, 10], [2, 1, 2, 2]);
  const { mean, variance } = batchNormTraining(tf, x, tf.ones([2]), tf.zeros([2]));
  expect(Array.from(mean.dataSync())).toEqual([3, 10]);
  expect(variance.dataSync()[0]).toBeCloseTo((9 + 1 + 1 + 9) / 3, 5);
  expect(variance.dataSync()[1]).toBe(0);
});

it('batch norm in evaluation: with the running statistics', () => {
  const [scale, offset, mean, variance] = [[2], [1], [3], [4]].map((values) => tf.tensor1d(values));
  const y = batchNormEvaluation(tf, tf.tensor2d([5, 3], [2, 1]), scale, offset, mean, variance);
  const expected = [1 + (2 * 2) / Math.sqrt(4 + 1e-5), 1];
  y.dataSync().forEach((value, k) => expect(value).toBeCloseTo(expected[k], 5));
});

it('cross-entropy: value and gradient, for logits that would overflow', () => {
  const logits = tf.tensor2d([1000, 999, 0, 0], [2, 2]);
  const targets = tf.tensor2d([0, 1, 1, 0], [2, 2]);
  const { value, grad } = tf.valueAndGrad((x) => crossEntropy(tf, x, targets))(logits);
  const [p, q] = [1 / (1 + Math.exp(-1)), 0.5];
  expect(value.dataSync()[0]).toBeCloseTo((-Math.log(1 - p) - Math.log(q)) / 2, 5);
  const expected = [p / 2, -p / 2, -q / 2, q / 2];
  grad.dataSync().forEach((actual, k) => expect(actual).toBeCloseTo(expected[k], 6));
});

it('a score: the cross-entropy of one row, and whether its first largest logit is the label', () => {
  const row = Float32Array.of(1, 3, 3);
  const loss = Math.log(Math.exp(1) + 2 * Math.exp(3)) - 3;
  expect(scoreLogits(row, 1)).toEqual({ loss: expect.closeTo(loss, 12) as number, correct: true });
  expect(scoreLogits(row, 2).correct).toBe(false);
  expect(scoreLogits(Float32Array.of(800, 0), 1)).toEqual({ loss: 800, correct: false });
});
