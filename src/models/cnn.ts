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
} from './layers.js';
import { defineModel, type Model, type Ops } from './model.js';

/** Two 5x5 convolutions (20, 50 channels) with relu and 2x2 max-pool, dense 50, batch norm, relu, dense 10. */
function build(name: string, input: InputSpec): Model {
  const [size, , channels] = input.shape;
  const side = ((size - 4) / 2 - 4) / 2;
  const flat = side * side * 50;

  function features(tf: Ops, p: TF.Tensor[], x: TF.Tensor): TF.Tensor {
    const convolve = (y: TF.Tensor, filter: TF.Tensor, bias: TF.Tensor) =>
      tf.maxPool(
        tf.relu(tf.add(tf.conv2d(y as TF.Tensor4D, filter as TF.Tensor4D, 1, 'valid'), bias)) as TF.Tensor4D,
        2,
        2,
        'valid',
      );
    const pooled = convolve(convolve(x, p[0], p[1]), p[2], p[3]);
    return dense(tf, tf.reshape(pooled, [-1, flat]), p[4], p[5]);
  }

  return {
    name,
    input,
    parameters: [
      ...affine('conv1', [5, 5, channels, 20], 25 * channels),
      ...affine('conv2', [5, 5, 20, 50], 25 * 20),
      ...affine('dense1', [flat, 50], flat),
      ...batchNormParameters('norm', 50),
      ...affine('dense2', [50, input.classes], 50),
    ],
    statistics: batchNormStatistics('norm', 50),
    loss(tf, p, inputs, targets) {
      const { output, mean, variance } = batchNormTraining(tf, features(tf, p, inputs), p[6], p[7]);
      const logits = dense(tf, tf.relu(output), p[8], p[9]);
      return { loss: crossEntropy(tf, logits, targets), batchStatistics: [mean, variance] };
    },
    predict(tf, p, [mean, variance], inputs) {
      const normal = batchNormEvaluation(tf, features(tf, p, inputs), p[6], p[7], mean, variance);
      return dense(tf, tf.relu(normal), p[8], p[9]);
    },
    score: scoreLogits,
  };
}

function dense(tf: Ops, x: TF.Tensor, weight: TF.Tensor, bias: TF.Tensor): TF.Tensor2D {
  return tf.add(tf.matMul(x as TF.Tensor2D, weight as TF.Tensor2D), bias);
}

function needsImages(shape: readonly number[]) {
  return (input: InputSpec) =>
    input.shape.join() === shape.join() && input.classes > 1
      ? undefined
      : `${shape.join('x')} images with labels`;
}

export const cnnMnist = defineModel({
  name: 'cnn-mnist',
  summary: 'conv 5x5x20, conv 5x5x50, dense 50 with batch norm, dense 10 (d = 66,230), for 28x28x1 images',
  parameters: {},
  needs: needsImages([28, 28, 1]),
  build: (_, input) => build('cnn-mnist', input),
});

export const cnnCifar10 = defineModel({
  name: 'cnn-cifar10',
  summary: 'the same network for 32x32x3 images (d = 89,730)',
  parameters: {},
  needs: needsImages([32, 32, 3]),
  build: (_, input) => build('cnn-cifar10', input),
});
