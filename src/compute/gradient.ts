import type * as TF from '@tensorflow/tfjs-core';
import type { Model, Ops, TensorSpec } from '../models/model.js';
import { sizeOf, totalSize } from '../models/model.js';

/** Cuts a flat vector into the tensors of `specs`. One split, so that its gradient is one concatenation. */
function unflatten(tf: Ops, flat: TF.Tensor1D, specs: readonly TensorSpec[]): TF.Tensor[] {
  if (specs.length === 0) return [];
  if (specs.length === 1) return [tf.reshape(flat, [...specs[0].shape])];
  const pieces = tf.split(flat, specs.map(sizeOf));
  return specs.map((spec, k) => tf.reshape(pieces[k], [...spec.shape]));
}

function flatten(tf: Ops, tensors: TF.Tensor[]): TF.Tensor1D {
  const flat = tensors.map((tensor) => tf.reshape(tensor, [tensor.size]) as TF.Tensor1D);
  return flat.length === 0 ? tf.zeros([0]) : flat.length === 1 ? flat[0] : tf.concat1d(flat);
}

/**
 * Loss (scalar), its gradient by the flat parameters (d), and the batch's statistics (flat). The same function runs
 * eagerly on a backend and symbolically when the model is traced. The caller disposes of the three tensors.
 */
export function lossGradient(
  tf: Ops,
  model: Model,
  parameters: TF.Tensor1D,
  inputs: TF.Tensor,
  targets: TF.Tensor,
): { loss: TF.Scalar; gradient: TF.Tensor1D; statistics: TF.Tensor1D } {
  let statistics: TF.Tensor1D | undefined;
  const { value, grads } = tf.engine().gradients(() => {
    const result = model.loss(tf, unflatten(tf, parameters, model.parameters), inputs, targets);
    statistics = tf.keep(flatten(tf, result.batchStatistics));
    return result.loss;
  }, [parameters]);
  return { loss: value, gradient: grads[0] as TF.Tensor1D, statistics: statistics! };
}

/** Evaluation-mode outputs [batch, k] at flat parameters and flat running statistics. */
export function predictions(
  tf: Ops,
  model: Model,
  parameters: TF.Tensor1D,
  statistics: TF.Tensor1D,
  inputs: TF.Tensor,
): TF.Tensor2D {
  return tf.tidy(() =>
    model.predict(
      tf,
      unflatten(tf, parameters, model.parameters),
      unflatten(tf, statistics, model.statistics),
      inputs,
    ),
  );
}

/** d of a model, and the length of its flat statistics. */
export function sizes(model: Model): { parameters: number; statistics: number } {
  return { parameters: totalSize(model.parameters), statistics: totalSize(model.statistics) };
}
