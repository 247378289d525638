import type * as TF from '@tensorflow/tfjs-core';
import type { InputSpec } from '../data/dataset.js';
import {
  affine,
  batchNormEvaluation,
  batchNormParameters,
  batchNormStatistics,
  batchNormTraining,
  crossEntropy,
  scoreLogits,
  scoreNumber,
  squaredError,
} from './layers.js';
import { sizeOf, type Model, type Ops, type TensorSpec, type Shape } from './model.js';

/** A part of a network. Layers are made of layers: a network is one. */
export interface Layer {
  parameters: readonly TensorSpec[];
  /** For each batch norm its mean, then its variance. */
  statistics: readonly TensorSpec[];
  /** Output for the input x, [batch, ...]. Takes its own parameters from the pass, in their order. */
  apply(pass: Pass, x: TF.Tensor): TF.Tensor;
  /** What becomes of one input of a shape. */
  measure(shape: Shape): Measure;
}

/** Of one input or output, without the batch. */

export interface Measure {
  /** Of the output. */
  shape: Shape;
  /** How many numbers are made on the way to it, itself included. */
  numbers: number;
}

/** A layer whose output, of this shape, is all that it makes. */
function makes(shape: Shape): Measure {
  return { shape, numbers: sizeOf({ shape }) };
}

/** One batch on its way through a network: with the batch's statistics, or with running ones when they are given. */
export class Pass {
  /** In training, the means and unbiased variances of the batch norms passed so far. */
  readonly batchStatistics: TF.Tensor[] = [];
  private nextParameter = 0;
  private nextStatistic = 0;

  constructor(
    readonly tf: Ops,
    private readonly parameters: readonly TF.Tensor[],
    private readonly statistics?: readonly TF.Tensor[],
  ) {}

  /** The next `count` parameters. */
  take(count: number): TF.Tensor[] {
    return this.parameters.slice(this.nextParameter, (this.nextParameter += count));
  }

  normalise(x: TF.Tensor, scale: TF.Tensor, offset: TF.Tensor): TF.Tensor {
    if (this.statistics) {
      const [mean, variance] = this.statistics.slice(this.nextStatistic, (this.nextStatistic += 2));
      return batchNormEvaluation(this.tf, x, scale, offset, mean, variance);
    }
    const { output, mean, variance } = batchNormTraining(this.tf, x, scale, offset);
    this.batchStatistics.push(mean, variance);
    return output;
  }
}

/** The model of a network whose outputs are logits, [batch, classes], trained with cross-entropy. */
export function classifier(name: string, input: InputSpec, network: Layer): Model {
  return modelOf(name, input, network, { lossOf: crossEntropy, score: scoreLogits });
}

/** The model of a network whose output is a number, [batch, 1], trained with the squared error. */
export function regressor(name: string, input: InputSpec, network: Layer): Model {
  return modelOf(name, input, network, { lossOf: squaredError, score: scoreNumber });
}

interface Objective extends Pick<Model, 'score'> {
  /** The mean over the batch, a scalar. */
  lossOf: (tf: Ops, outputs: TF.Tensor, targets: TF.Tensor) => TF.Scalar;
}

function modelOf(name: string, input: InputSpec, network: Layer, { lossOf, score }: Objective): Model {
  return {
    name,
    input,
    parameters: network.parameters,
    statistics: network.statistics,
    activations: network.measure(input.shape).numbers,
    loss(tf, parameters, inputs, targets) {
      const pass = new Pass(tf, parameters);
      const outputs = network.apply(pass, inputs);
      return { loss: lossOf(tf, outputs, targets), batchStatistics: pass.batchStatistics };
    },
    predict: (tf, parameters, statistics, inputs) =>
      network.apply(new Pass(tf, parameters, statistics), inputs) as TF.Tensor2D,
    score,
  };
}

/** One layer after the other. */
export function sequence(...layers: readonly Layer[]): Layer {
  return {
    parameters: layers.flatMap((layer) => layer.parameters),
    statistics: layers.flatMap((layer) => layer.statistics),
    apply: (pass, x) => layers.reduce((y, layer) => layer.apply(pass, y), x),
    measure: (shape) =>
      layers.reduce<Measure>(
        (before, layer) => {
          const after = layer.measure(before.shape);
          return { shape: after.shape, numbers: before.numbers + after.numbers };
        },
        { shape, numbers: 0 },
      ),
  };
}

/** relu(body(x) + shortcut(x)) */
export function residual(body: Layer, shortcut: Layer = sequence()): Layer {
  return {
    parameters: [...body.parameters, ...shortcut.parameters],
    statistics: [...body.statistics, ...shortcut.statistics],
    apply(pass, x) {
      const y = body.apply(pass, x);
      return pass.tf.relu(pass.tf.add(y, shortcut.apply(pass, x)));
    },
    measure(shape) {
      const long = body.measure(shape);
      const sum = makes(long.shape);
      return { shape: long.shape, numbers: long.numbers + shortcut.measure(shape).numbers + 2 * sum.numbers };
    },
  };
}

export interface ConvolutionShape {
  /** Rows and columns of the filter. */
  size: number;
  inputs: number;
  outputs: number;
  stride?: 1 | 2;
  /** Zeros around the image: none, or (size - 1) / 2 on every side, for odd sizes. */
  padding: 'none' | 'half';
  /** False before a batch norm, which would take a bias away again; default true. */
  bias?: boolean;
}

/** A convolution with a square filter over images [batch, height, width, inputs]. */
export function convolution(name: string, shape: ConvolutionShape): Layer {
  const { size, inputs, outputs, stride = 1, padding, bias = true } = shape;
  const parameters = affine(name, [size, size, inputs, outputs], size * size * inputs);
  const convolve = ({ tf }: Pass, x: TF.Tensor, filter: TF.Tensor) =>
    padding === 'half'
      ? convolvePadded(tf, x as TF.Tensor4D, filter as TF.Tensor4D, stride)
      : tf.conv2d(x as TF.Tensor4D, filter as TF.Tensor4D, stride, 'valid');
  const measure = ([height, width]: Shape): Measure => {
    const margin = padding === 'half' ? size - 1 : 0;
    const [rows, columns] = [height, width].map(
      (length) => Math.floor((length + margin - size) / stride) + 1,
    );
    return { shape: [rows, columns, outputs], numbers: rows * columns * (size * size * inputs + outputs) };
  };
  if (!bias)
    return {
      ...withParameters(parameters.slice(0, 1)),
      apply: (pass, x) => convolve(pass, x, pass.take(1)[0]),
      measure,
    };
  return {
    ...withParameters(parameters),
    measure,
    apply(pass, x) {
      const [filter, offset] = pass.take(2);
      return pass.tf.add(convolve(pass, x, filter), offset);
    },
  };
}

/** A convolution with (size - 1) / 2 zeros on every side of the image. */
function convolvePadded(tf: Ops, x: TF.Tensor4D, filter: TF.Tensor4D, stride: number): TF.Tensor {
  if (stride === 1) return tf.conv2d(x, filter, 1, 'same');
  // With larger strides 'same' is another padding, and TensorFlow has no gradient for any but 'same' and 'valid'.
  const half = (filter.shape[0] - 1) / 2;
  const sides: [number, number] = [half, half];
  return tf.conv2d(tf.pad(x, [[0, 0], sides, sides, [0, 0]]), filter, stride, 'valid');
}

/** Batch norm over all axes but the last. */
export function batchNorm(name: string, channels: number): Layer {
  return {
    parameters: batchNormParameters(name, channels),
    statistics: batchNormStatistics(name, channels),
    apply(pass, x) {
      const [scale, offset] = pass.take(2);
      return pass.normalise(x, scale, offset);
    },
    measure: makes,
  };
}

/** x · weight + bias for rows x of `inputs` numbers. */
export function dense(name: string, inputs: number, outputs: number): Layer {
  return {
    ...withParameters(affine(name, [inputs, outputs], inputs)),
    apply(pass, x) {
      const [weight, bias] = pass.take(2);
      return pass.tf.add(pass.tf.matMul(x as TF.Tensor2D, weight as TF.Tensor2D), bias);
    },
    measure: () => makes([outputs]),
  };
}

export const relu: Layer = {
  ...withParameters([]),
  apply: ({ tf }, x) => tf.relu(x),
  measure: makes,
};

/** The largest of each 2x2 pixels; a last odd row or column is left out. */
export const maxPool: Layer = {
  ...withParameters([]),
  apply: ({ tf }, x) => tf.maxPool(x as TF.Tensor4D, 2, 2, 'valid'),
  measure: ([height, width, channels]) => makes([height >> 1, width >> 1, channels]),
};

/** The mean of each channel of an image. */
export const globalMean: Layer = {
  ...withParameters([]),
  apply: ({ tf }, x) => tf.mean(x, [1, 2]),
  measure: ([, , channels]) => makes([channels]),
};

/** Rows of `length` numbers. */
export function flatten(length: number): Layer {
  return {
    ...withParameters([]),
    apply: ({ tf }, x) => tf.reshape(x, [-1, length]),
    measure: () => ({ shape: [length], numbers: 0 }),
  };
}

function withParameters(parameters: readonly TensorSpec[]): Pick<Layer, 'parameters' | 'statistics'> {
  return { parameters, statistics: [] };
}
