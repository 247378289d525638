import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compiledError, randomValues, withGradients, type Tensors } from './support.js';

const tolerance = 1e-5;
type Image = tf.Tensor4D;
type Padding = 'same' | 'valid' | [[number, number], [number, number], [number, number], [number, number]];

describe('elementwise kernels and their gradients', () => {
  const positive = { x: randomValues(24, 'x').map((value) => Math.abs(value) + 0.1) };
  const cases: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    exp: tf.exp,
    log: tf.log,
    neg: tf.neg,
    relu: tf.relu,
    rsqrt: tf.rsqrt,
    sigmoid: tf.sigmoid,
    sqrt: tf.sqrt,
    square: tf.square,
    tanh: tf.tanh,
  };
  for (const [name, f] of Object.entries(cases))
    it(name, async () => {
      const values = ['log', 'sqrt', 'rsqrt'].includes(name) ? positive : {};
      expect(
        await compiledError(
          { x: [2, 3, 4] },
          withGradients(({ x }) => f(x)),
          values,
        ),
      ).toBeLessThan(tolerance);
    });

  const binary: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
    div: tf.div,
    squaredDifference: tf.squaredDifference,
  };
  const shapes = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [4, 1],
      [1, 5],
    ],
    [[2, 3, 4, 5], [5]],
    [
      [2, 3, 4, 5],
      [2, 1, 1, 5],
    ],
    [[3], []],
  ];
  for (const [name, f] of Object.entries(binary))
    it.each(shapes)(`${name} of %j and %j`, async (a, b) => {
      const divisor = randomValues(tf.util.sizeFromShape(b), 'b').map(
        (value) => value + 2 * Math.sign(value),
      );
      const error = await compiledError(
        { a, b },
        withGradients((t) => f(t.a, t.b)),
        { b: divisor },
      );
      expect(error).toBeLessThan(tolerance);
    });

  it('operands that are the same number everywhere', async () => {
    const error = await compiledError({ x: [3] }, ({ x }) => ({
      wider: tf.mul(x, tf.fill([2, 3], 4)),
      unchanged: tf.add(tf.mul(x, tf.ones([2, 3])), tf.zeros([3])),
      folded: tf.sqrt(tf.div(tf.fill([2], 9), 4)),
      negative: tf.div(1, tf.sub(tf.zeros([2]), tf.fill([2], 2))),
    }));
    expect(error).toBeLessThan(tolerance);
  });
});

describe('shapes, reductions and matrix products', () => {
  it.each([
    [[0], false],
    [[1, 2], false],
    [[0, 1, 2], false],
    [[-1], true],
    [[0, 3], true],
    [undefined, false],
  ])('sum and mean over %j, keepDims %s', async (axes, keepDims) => {
    const shapes = { x: [2, 3, 4, 5] };
    const sums = withGradients(({ x }) => tf.sum(x, axes, keepDims));
    const means = withGradients(({ x }) => tf.mean(x, axes, keepDims));
    expect(await compiledError(shapes, sums)).toBeLessThan(tolerance);
    expect(await compiledError(shapes, means)).toBeLessThan(tolerance);
    expect(await compiledError(shapes, ({ x }) => ({ y: tf.max(x, axes, keepDims) }))).toBe(0);
  });

  it('a chain of reshapes, transposes, slices, pads, splits and concatenations', async () => {
    const f = ({ x }: Tensors) => {
      const [p, q] = tf.split(tf.transpose(tf.reshape(x, [6, 4, 2]), [2, 0, 1]), [1, 3], 2);
      const padded = tf.pad(tf.slice(q, [0, 1, 1], [2, 4, 2]), [
        [0, 0],
        [1, 1],
        [0, 1],
      ]);
      return tf.concat([p, padded, tf.expandDims(tf.sum(p, 2), -1)], 2);
    };
    expect(await compiledError({ x: [3, 16] }, withGradients(f))).toBeLessThan(tolerance);
  });

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('matMul with transposes %s, %s', async (transposeA, transposeB) => {
    const product = withGradients(({ a, b }) => tf.matMul(a, b, transposeA, transposeB));
    const a = transposeA ? [4, 3] : [3, 4];
    const b = transposeB ? [5, 4] : [4, 5];
    expect(await compiledError({ a, b }, product)).toBeLessThan(tolerance);
    expect(await compiledError({ a: [2, ...a], b: [2, ...b] }, product)).toBeLessThan(tolerance);
  });

  it('a bias is added to a product once, and a product that is used twice keeps its own value', async () => {
    const error = await compiledError({ a: [3, 4], b: [4, 5], c: [5] }, ({ a, b, c }) => {
      const product = tf.matMul(a, b);
      return { product, biased: tf.add(product, c), alone: tf.add(c, tf.matMul(tf.square(a), b)) };
    });
    expect(error).toBeLessThan(tolerance);
  });
});

describe('convolutions and their gradients', () => {
  const explicit: Padding = [
    [0, 0],
    [2, 1],
    [0, 3],
    [0, 0],
  ];
  const cases: [string, number[], number[], number | [number, number], Padding][] = [
    ['5x5, one channel', [3, 9, 8, 1], [5, 5, 1, 4], 1, 'valid'],
    ['5x5, many channels', [2, 7, 9, 10], [5, 5, 10, 6], 1, 'valid'],
    ['3x3 same', [2, 7, 6, 3], [3, 3, 3, 5], 1, 'same'],
    ['3x3 same, many channels', [2, 6, 7, 9], [3, 3, 9, 4], 1, 'same'],
    ['3x3 same, stride 2, even size', [2, 8, 8, 3], [3, 3, 3, 5], 2, 'same'],
    ['3x3 same, stride 2, odd size', [2, 7, 9, 8], [3, 3, 8, 5], 2, 'same'],
    ['3x3 valid, stride 2, rows left over', [2, 8, 10, 8], [3, 3, 8, 2], 2, 'valid'],
    ['3x3 valid, stride 2, few channels', [2, 8, 10, 2], [3, 3, 2, 2], 2, 'valid'],
    ['1x1', [2, 5, 4, 16], [1, 1, 16, 8], 1, 'same'],
    ['1x1, stride 2', [2, 8, 6, 16], [1, 1, 16, 8], 2, 'same'],
    ['1x1, stride 2, few channels', [2, 7, 5, 3], [1, 1, 3, 8], 2, 'same'],
    ['2x3 filter, strides 1 and 2', [2, 6, 9, 3], [2, 3, 3, 4], [1, 2], 'same'],
    ['1x5 filter', [2, 6, 9, 8], [1, 5, 8, 4], 1, 'same'],
    ['explicit padding', [2, 6, 6, 8], [3, 3, 8, 4], 1, explicit],
    ['more channels than positions', [2, 3, 4, 5], [3, 3, 5, 30], 1, 'same'],
    ['more channels than positions, stride 2', [2, 5, 6, 9], [3, 3, 9, 14], 2, 'same'],
    ['one output position', [3, 4, 4, 2], [4, 4, 2, 5], 1, 'valid'],
  ];

  it.each(cases)('%s', async (_, x, filter, strides, pad) => {
    const f = (t: Tensors) => tf.conv2d(t.x as Image, t.filter as Image, strides, pad);
    const [alone, both] = [
      await compiledError({ x, filter }, (t) => ({ y: f(t) })),
      await compiledError({ x, filter }, withGradients(f)),
    ];
    expect(alone).toBeLessThan(tolerance);
    expect(both).toBeLessThan(tolerance);
  });

  it('dilated, without a gradient', async () => {
    const f = (t: Tensors) => ({ y: tf.conv2d(t.x as Image, t.filter as Image, 1, 'same', 'NHWC', 2) });
    expect(await compiledError({ x: [2, 9, 8, 3], filter: [3, 3, 3, 4] }, f)).toBeLessThan(tolerance);
  });

  it('a residual block with batch norm, strides and global mean', async () => {
    const normalise = (x: tf.Tensor) => {
      const centered = tf.sub(x, tf.mean(x, [0, 1, 2]));
      return tf.div(centered, tf.sqrt(tf.add(tf.mean(tf.square(centered), [0, 1, 2]), 1e-5)));
    };
    const block = ({ x, f1, f2, shortcut }: Tensors) => {
      const inner = tf.relu(normalise(tf.conv2d(x as Image, f1 as Image, 2, 'same')));
      const outer = normalise(tf.conv2d(inner as Image, f2 as Image, 1, 'same'));
      const skip = tf.conv2d(x as Image, shortcut as Image, 2, 'same');
      return tf.mean(tf.relu(tf.add(outer, skip)), [1, 2]);
    };
    const shapes = { x: [4, 8, 8, 3], f1: [3, 3, 3, 8], f2: [3, 3, 8, 8], shortcut: [1, 1, 3, 8] };
    expect(await compiledError(shapes, withGradients(block))).toBeLessThan(tolerance);
  });
});

describe('max pooling and its gradient', () => {
  const cases: [string, number[], number | [number, number], number | [number, number], 'same' | 'valid'][] =
    [
      ['2x2', [3, 6, 4, 5], 2, 2, 'valid'],
      ['2x3', [2, 4, 9, 3], [2, 3], [2, 3], 'valid'],
      ['3x3 tiles', [2, 6, 6, 4], 3, 3, 'same'],
      ['rows and columns left over', [2, 7, 5, 3], 2, 2, 'valid'],
      ['padded', [2, 7, 5, 3], 2, 2, 'same'],
      ['overlapping', [2, 7, 8, 3], 3, 2, 'same'],
      ['overlapping, stride 1', [2, 5, 5, 2], 2, 1, 'valid'],
      ['strides beyond the window', [2, 8, 8, 2], 2, 3, 'valid'],
    ];
  const ties = (shape: number[]) =>
    randomValues(tf.util.sizeFromShape(shape), 'ties').map((value) => Math.round(2 * value) / 2);

  it.each(cases)('%s', async (_, x, size, strides, pad) => {
    const f = withGradients((t) => tf.maxPool(t.x as Image, size, strides, pad));
    expect(await compiledError({ x }, f)).toBeLessThan(tolerance);
    // Many equal maxima: the first in row order gets the gradient, as in tfjs.
    expect(await compiledError({ x }, f, { x: ties(x) })).toBeLessThan(tolerance);
    expect(await compiledError({ x }, f, { x: new Float32Array(tf.util.sizeFromShape(x)) })).toBeLessThan(
      tolerance,
    );
  });

  it('after relu: windows of zeros, and windows of equal positive numbers', async () => {
    const x = [2, 6, 6, 3];
    const f = withGradients((t) => tf.maxPool(tf.relu(t.x) as Image, 2, 2, 'valid'));
    expect(await compiledError({ x }, f)).toBeLessThan(tolerance);
    expect(await compiledError({ x }, f, { x: ties(x) })).toBeLessThan(tolerance);
  });

  it.each([
    ['one channel in', 1, 1, 'valid' as const],
    ['many channels in', 9, 1, 'same' as const],
    ['strided, few channels in', 2, 2, 'same' as const],
    ['strided, many channels in', 8, 2, 'same' as const],
  ])('after a convolution with bias and relu, %s', async (_, channels, stride, pad) => {
    const shapes = {
      x: [2, 8 * stride + (pad === 'valid' ? 2 : 0), 8 * stride + (pad === 'valid' ? 2 : 0), channels],
    };
    const f = (t: Tensors) => {
      const y = tf.add(tf.conv2d(t.x as Image, t.filter as Image, stride, pad), t.bias);
      return tf.maxPool(tf.relu(y) as Image, [2, 4], [2, 4], 'valid');
    };
    const all = { ...shapes, filter: [3, 3, channels, 4], bias: [4] };
    expect(await compiledError(all, withGradients(f))).toBeLessThan(tolerance);
  });

  it('a convolution that goes into a pool and elsewhere', async () => {
    const f = (t: Tensors) => {
      const y = tf.conv2d(t.x as Image, t.filter as Image, 1, 'same');
      return tf.concat([tf.reshape(tf.maxPool(y, 2, 2, 'valid'), [-1]), tf.reshape(tf.square(y), [-1])]);
    };
    expect(await compiledError({ x: [2, 6, 6, 3], filter: [3, 3, 3, 4] }, withGradients(f))).toBeLessThan(
      tolerance,
    );
  });
});
