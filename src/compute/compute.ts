import type { Batch } from '../data/dataset.js';
import type { Vector, Vectors } from './vectors/vectors.js';

/**
 * What a simulation needs of an engine. Work is submitted and awaited: results may come in any order and at any time,
 * and are the same bytes however many threads compute them.
 */
export interface Compute {
  readonly description: ComputeDescription;
  /** Where this engine's parameters and gradients live. */
  readonly vectors: Vectors;

  /** The loss gradient at `parameters` on a batch. The parameters are read before this returns. */
  gradient(parameters: Vector, batch: Batch, labels: 'true' | 'flipped'): Promise<Gradient>;

  /** Mean loss and accuracy over the test split, with running statistics. Both inputs are read before this returns. */
  evaluate(parameters: Vector, statistics: Float32Array): Promise<Evaluation>;

  close(): Promise<void>;
}

export interface Gradient {
  /** Training loss of the batch. */
  loss: number;
  /** ∂loss/∂parameters; the caller releases it. */
  vector: Vector;
  /** The batch's own means and unbiased variances, flat. */
  statistics: Float32Array;
}

export interface Evaluation {
  loss: number;
  /** In [0, 1]; undefined where there are no classes. */
  accuracy: number | undefined;
}

export interface ComputeDescription {
  /** 'tensorflow', 'onnx', 'wasm' or 'cpu'. */
  backend: string;
  device: 'cpu' | 'cuda' | 'webgpu';
  version: string;
  threads: number;
  /** Why this engine: "asked for", or what auto tried before. */
  reason: string;
}
