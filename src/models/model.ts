import type * as TF from '@tensorflow/tfjs-core';
import { ofKind, type Definition, type Keys, type Values } from '../base/definition.js';
import type { InputSpec } from '../data/dataset.js';

/** The tensor operations, handed to models so that a model file loads without an engine. */
export type Ops = typeof TF;
export type Tensor = TF.Tensor;

/** How a parameter starts: every number uniform in ±bound, or constant. */
export type Initial = { uniform: number } | { constant: number };

/** Of a tensor: its length in each dimension. */
export type Shape = readonly number[];

export interface TensorSpec {
  name: string;
  shape: Shape;
  initial: Initial;
}

/**
 * A model: pure functions of (parameters, batch), written once in tfjs operations. All parameters of a model lie in one
 * flat vector in the order of `parameters`, likewise the batch-norm statistics.
 */
export interface Model {
  name: string;
  input: InputSpec;
  parameters: readonly TensorSpec[];
  /** Running statistics, kept by the server: for each batch norm its mean (0), then its variance (1). */
  statistics: readonly TensorSpec[];
  /**
   * Training-mode loss, a scalar: the mean over the batch. `batchStatistics` are the batch's own means and unbiased
   * variances, in the order of `statistics`. inputs: [batch, ...shape], normalised; targets: one-hot [batch, classes], or
   * numbers [batch, 1].
   */
  loss(
    tf: Ops,
    parameters: Tensor[],
    inputs: Tensor,
    targets: Tensor,
  ): { loss: TF.Scalar; batchStatistics: Tensor[] };
  /** How many numbers one input is turned into on its way, with the patches that convolutions are computed from. */
  activations: number;
  /** Evaluation-mode outputs [batch, k]: logits, or whatever `score` reads. */
  predict(tf: Ops, parameters: Tensor[], statistics: Tensor[], inputs: Tensor): TF.Tensor2D;
  /** Loss of one row of outputs, and whether its class is right (undefined where there are no classes). */
  score(outputs: Float32Array, label: number): { loss: number; correct?: boolean };
  /** Whether its few parameters are written down at every evaluation, to iterates.csv. */
  keepsIterates?: boolean;
}

export interface ModelDefinition<K extends Keys = Keys> extends Definition<K> {
  /** Says which inputs the model needs when it cannot take these ("28x28x1 images"), or nothing. */
  needs?(input: InputSpec): string | undefined;
  create(parameters: Values<K>, input: InputSpec): Model;
}

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineModel<K extends Keys>(definition: ModelDefinition<K>): ModelDefinition<K> {
  return ofKind('model', definition);
}

/** The model's name and its own parameters. */
export type ModelConfig = { name: string } & Record<string, unknown>;

/** How many numbers a tensor holds. */
export function sizeOf(spec: { shape: readonly number[] }): number {
  return spec.shape.reduce((product, length) => product * length, 1);
}

/** d: how many numbers a list of tensors holds. */
export function totalSize(specs: readonly TensorSpec[]): number {
  return specs.reduce((sum, spec) => sum + sizeOf(spec), 0);
}

/** Initial values of a list of tensors in one flat array. `random`: uniform draws in [0, 1). */
export function initialValues(specs: readonly TensorSpec[], random: () => number): Float32Array {
  const values = new Float32Array(totalSize(specs));
  let offset = 0;
  for (const spec of specs) {
    const end = offset + sizeOf(spec);
    if ('uniform' in spec.initial) {
      const bound = spec.initial.uniform;
      for (; offset < end; offset++) values[offset] = bound * (2 * random() - 1);
    } else {
      values.fill(spec.initial.constant, offset, end);
      offset = end;
    }
  }
  return values;
}
