import type * as TF from '@tensorflow/tfjs-core';
import type { Ops, TensorSpec } from './model.js';

/** Weight and bias of a layer whose outputs each sum `fanIn` inputs: every number uniform in ±1/√fanIn. */
export function affine(name: string, shape: readonly number[], fanIn: number): TensorSpec[] {
  const initial = { uniform: 1 / Math.sqrt(fanIn) };
  return [
    { name: `${name}/weight`, shape, initial },
    { name: `${name}/bias`, shape: [shape[shape.length - 1]], initial },
  ];
}

/** Scale and offset of a batch norm. */
export function batchNormParameters(name: string, channels: number): TensorSpec[] {
  return [
    { name: `${name}/scale`, shape: [channels], initial: { constant: 1 } },
    { name: `${name}/offset`, shape: [channels], initial: { constant: 0 } },
  ];
}

/** Running mean and variance of a batch norm. */
export function batchNormStatistics(name: string, channels: number): TensorSpec[] {
  return [
    { name: `${name}/mean`, shape: [channels], initial: { constant: 0 } },
    { name: `${name}/variance`, shape: [channels], initial: { constant: 1 } },
  ];
}

const epsilon = 1e-5;

/**
 * Batch norm in training mode over all axes but the last. Returns the output and the batch's mean and *unbiased*
 * variance; the output itself uses the biased one, as in PyTorch.
 */
export function batchNormTraining(
  tf: Ops,
  x: TF.Tensor,
  scale: TF.Tensor,
  offset: TF.Tensor,
): { output: TF.Tensor; mean: TF.Tensor; variance: TF.Tensor } {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  const mean = tf.mean(x, axes);
  const centered = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centered), axes);
  const deviation = tf.sqrt(tf.add(variance, epsilon));
  const normal = tf.div(centered, deviation);
  // tfjs's own gradient, operation by operation, takes three times as many passes over x.
  const transform = tf.customGrad((...inputs: (TF.Tensor | TF.GradSaveFunc)[]) => {
    const [, factor, shift] = inputs as TF.Tensor[];
    (inputs[3] as TF.GradSaveFunc)([normal, factor, deviation]);
    return {
      value: tf.add(tf.mul(normal, factor), shift),
      gradFunc: (dy: TF.Tensor, [normal, factor, deviation]: TF.Tensor[]) => {
        const byFactor = tf.sum(tf.mul(dy, normal), axes);
        const off = tf.sub(dy, tf.mul(normal, tf.div(byFactor, count)));
        const scaled = tf.mul(off, tf.div(factor, deviation));
        // The mean last: what rounding left of it above would add up over the batch.
        return [tf.sub(scaled, tf.mean(scaled, axes)), byFactor, tf.sum(dy, axes)];
      },
    };
  });
  const output = transform(x, scale, offset);
  return { output, mean, variance: tf.mul(variance, count / Math.max(1, count - 1)) };
}

/** Batch norm with running statistics. */
export function batchNormEvaluation(
  tf: Ops,
  x: TF.Tensor,
  scale: TF.Tensor,
  offset: TF.Tensor,
  mean: TF.Tensor,
  variance: TF.Tensor,
): TF.Tensor {
  const factor = tf.div(scale, tf.sqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(tf.sub(x, mean), factor), offset);
}

/**
 * Mean cross-entropy of logits against one-hot targets. The largest logit is subtracted as a constant, so its own
 * gradient (which is zero) is never computed.
 */
export function crossEntropy(tf: Ops, logits: TF.Tensor, targets: TF.Tensor): TF.Scalar {
  const grad = tf.customGrad((x: TF.Tensor | TF.GradSaveFunc, save: TF.Tensor | TF.GradSaveFunc) => {
    const values = x as TF.Tensor;
    const shifted = tf.sub(values, tf.max(values, -1, true));
    const exponentials = tf.exp(shifted);
    const sums = tf.sum(exponentials, -1, true);
    const perRow = tf.sum(tf.mul(targets, tf.sub(tf.log(sums), shifted)), -1);
    const probabilities = tf.div(exponentials, sums);
    (save as TF.GradSaveFunc)([probabilities]);
    return {
      value: tf.mean(perRow),
      gradFunc: (dy: TF.Tensor, saved: TF.Tensor[]) =>
        tf.mul(tf.sub(saved[0], targets), tf.div(dy, logits.shape[0])),
    };
  });
  return grad(logits) as TF.Scalar;
}

/** Cross-entropy and correctness of one row of logits, in float64. The first of equal logits wins. */
export function scoreLogits(logits: Float32Array, label: number): { loss: number; correct: boolean } {
  let best = 0;
  for (let k = 1; k < logits.length; k++) if (logits[k] > logits[best]) best = k;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - logits[best]);
  return { loss: Math.log(sum) + logits[best] - logits[label], correct: best === label };
}

/** Mean squared difference of predictions and targets, both [batch, 1]. */
export function squaredError(tf: Ops, predictions: TF.Tensor, targets: TF.Tensor): TF.Scalar {
  return tf.mean(tf.square(tf.sub(predictions, targets)));
}

/** The squared error of one prediction. */
export function scoreNumber([prediction]: Float32Array, label: number): { loss: number } {
  return { loss: (prediction - label) ** 2 };
}
