import * as tf from '@tensorflow/tfjs-core';
import { cpu } from '../eager/cpu.js';
import { compileStackKernels } from '../kernels/stack.js';
import { HostVectors } from './host.js';
import { SimdVectors } from './simd.js';
import { TensorVectors } from './tensor.js';
import type { Vectors } from './vectors.js';

/** One implementation of vectors. */
export interface Implementation {
  make(dimension: number): Vectors;
  /** How many vectors of these are in use; 0 where the garbage collector frees them. */
  alive(vectors: Vectors): number;
}

/** Vectors in every form that any machine has; messages on a GPU are tensors too. */
export interface Implementations {
  float64: Implementation;
  simd: Implementation;
  tensors: Implementation;
}

/** Loads what they need: WebAssembly kernels, and tfjs in plain JavaScript, which is the active backend from then on. */
export async function loadImplementations(): Promise<Implementations> {
  const kernels = await compileStackKernels();
  await cpu.load('cpu');
  return {
    float64: { make: (dimension) => new HostVectors(dimension, Float64Array), alive: () => 0 },
    simd: {
      make: (dimension) => new SimdVectors(dimension, kernels),
      alive: (vectors) => (vectors as SimdVectors).alive,
    },
    tensors: {
      make: (dimension) => new TensorVectors(dimension, tf),
      alive: () => tf.memory().numTensors,
    },
  };
}
