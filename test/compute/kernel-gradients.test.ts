import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerKernelGradients } from '../../src/compute/kernel-gradients.js';
import { randomValues } from './compiled/support.js';

type Image = tf.Tensor4D;
type Functions = Record<string, [number[][], (...tensors: tf.Tensor[]) => tf.Tensor]>;

/** Inputs are in [0.5, 1.5], away from the kinks of relu and from singularities; relu and pools shift them. */
const functions: Functions = {
  add: [[[2, 3], [3]], (a, b) => tf.square(tf.add(a, b))],
  sub: [
    [
      [2, 1],
      [2, 3],
    ],
    (a, b) => tf.square(tf.sub(a, b)),
  ],
  mul: [[[2, 3], []], (a, b) => tf.mul(a, b)],
  div: [[[3], [2, 3]], (a, b) => tf.div(a, b)],
  squaredDifference: [[[2, 3], [3]], (a, b) => tf.squaredDifference(a, b)],
  exp: [[[5]], (x) => tf.exp(x)],
  log: [[[5]], (x) => tf.log(x)],
  neg: [[[5]], (x) => tf.neg(tf.square(x))],
  relu: [[[40]], (x) => tf.relu(tf.sub(x, 1))],
  rsqrt: [[[5]], (x) => tf.rsqrt(x)],
  sigmoid: [[[5]], (x) => tf.sigmoid(x)],
  sqrt: [[[5]], (x) => tf.sqrt(x)],
  tanh: [[[5]], (x) => tf.tanh(x)],
  sum: [[[2, 3, 4]], (x) => tf.square(tf.sum(x, [0, 2]))],
  mean: [[[2, 3, 4]], (x) => tf.square(tf.mean(x, 1, true))],
  'mean of all': [[[2, 3]], (x) => tf.square(tf.mean(x))],
  'reshape, expandDims, transpose': [
    [[2, 6]],
    (x) => tf.square(tf.transpose(tf.expandDims(tf.reshape(x, [3, 4]), 1), [2, 0, 1])),
  ],
  pad: [
    [[2, 3]],
    (x) =>
      tf.square(
        tf.pad(x, [
          [1, 0],
          [0, 2],
        ]),
      ),
  ],
  slice: [[[4, 5]], (x) => tf.square(tf.slice(x, [1, 2], [2, -1]))],
  split: [[[6, 2]], (x) => tf.mul(...(tf.split(x, [3, 3], 0) as [tf.Tensor, tf.Tensor]))],
  concat: [
    [
      [2, 3],
      [2, 1],
    ],
    (a, b) => tf.square(tf.concat([a, b, a], -1)),
  ],
  matMul: [
    [
      [2, 3],
      [3, 4],
    ],
    (a, b) => tf.matMul(a, b),
  ],
  'matMul, a transposed': [
    [
      [3, 2],
      [3, 4],
    ],
    (a, b) => tf.matMul(a, b, true, false),
  ],
  'matMul, b transposed': [
    [
      [2, 3],
      [4, 3],
    ],
    (a, b) => tf.matMul(a, b, false, true),
  ],
  'matMul, both transposed': [
    [
      [3, 2],
      [4, 3],
    ],
    (a, b) => tf.matMul(a, b, true, true),
  ],
  'matMul, broadcast': [
    [
      [2, 2, 3],
      [1, 3, 4],
    ],
    (a, b) => tf.matMul(a, b),
  ],
  conv2d: [
    [
      [2, 5, 6, 2],
      [3, 3, 2, 3],
    ],
    (x, f) => tf.conv2d(x as Image, f as Image, 2, 'same'),
  ],
  maxPool: [[[1, 4, 6, 2]], (x) => tf.square(tf.maxPool(x as Image, 2, 2, 'valid'))],
};

describe('kernel gradients against central differences along a random direction', () => {
  beforeAll(async () => {
    registerKernelGradients();
    await tf.setBackend('cpu');
  });

  it.each(Object.keys(functions))('%s', (name) => {
    const [shapes, f] = functions[name];
    const near = (shape: number[], seed: string) =>
      tf.tensor(randomValues(tf.util.sizeFromShape(shape), seed), shape);
    const point = shapes.map((shape, k) => tf.add(tf.mul(near(shape, `point ${k}`), 0.5), 1));
    const direction = shapes.map((shape, k) => near(shape, `direction ${k}`));
    const weighted = (tensors: tf.Tensor[]) => {
      const value = f(...tensors);
      return tf.sum<tf.Scalar>(tf.mul(value, near(value.shape, 'weights')));
    };
    const { grads } = tf.engine().gradients(() => weighted(point), point);
    const slope = grads.reduce((sum, grad, k) => sum + tf.sum(tf.mul(grad, direction[k])).dataSync()[0], 0);
    grads.forEach((grad, k) => expect(grad.shape).toEqual(shapes[k]));
    const step = 2e-3;
    const [after, before] = [step, -step].map(
      (t) => weighted(point.map((x, k) => tf.add(x, tf.mul(direction[k], t)))).dataSync()[0],
    );
    expect(slope).toBeCloseTo((after - before) / (2 * step), 2);
    expect(Math.abs(slope)).toBeGreaterThan(0.02);
  });

  it('keeps a gradient that was registered before', () => {
    const own = { kernelName: 'Relu', gradFunc: () => ({}) };
    const previous = tf.getGradient('Relu');
    tf.registerGradient(own);
    registerKernelGradients();
    expect(tf.getGradient('Relu')).toBe(own);
    tf.registerGradient(previous);
  });
});
