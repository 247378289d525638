import type * as TF from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import type { Device } from '../engine.js';
import { registerKernelGradients } from '../kernel-gradients.js';
import { findTensorflow, tensorflowPackage } from './package.js';

/** A tensor of TensorFlow, by its number. Whoever holds it deletes it. */
export interface Handle {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

export interface BindingAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** TensorFlow's eager C interface as @tensorflow/tfjs-node-gpu binds it. Tensors are numbers. */
export interface Binding {
  /** On the CPU the tensor may share the memory of `values`. */
  createTensor(shape: number[], type: number, values: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  /** A copy of the tensor's numbers. */
  tensorDataSync(id: number): Float32Array;
  executeOp(
    name: string,
    attributes: readonly BindingAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): Handle[];
  getNumOfTensors(): number;
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_TYPE: number;
}

/** What of the package's tfjs backend is used here. */
export interface NodeBackend extends TF.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: Binding;
  /** The numbers of tensors, whose values are brought to the device if they are not there. */
  getInputTensorIds(tensors: readonly TF.Tensor[]): number[];
  /** The tensor takes over the handle. */
  createOutputTensor(handle: Handle): TF.Tensor;
}

/**
 * Loads TensorFlow and makes it the active backend of tfjs. It loads once a process, for one device: what is hidden
 * from it then stays hidden.
 *
 * @throws Error where it is not installed, does not load, or does not use the device
 */
export async function loadTensorflow(device: Device): Promise<NodeBackend> {
  if (tf.findBackend('tensorflow') === null) requireTensorflow(device);
  registerKernelGradients();
  await tf.setBackend('tensorflow');
  const backend = tf.backend() as NodeBackend;
  const { isUsingGpuDevice } = backend;
  if (device === 'cuda' && !isUsingGpuDevice)
    throw new Error(
      process.env.CUDA_VISIBLE_DEVICES === '-1'
        ? 'its GPUs are hidden from TensorFlow (CUDA_VISIBLE_DEVICES=-1)'
        : 'TensorFlow uses no GPU: it sees none, or lacks the CUDA and cuDNN libraries it was built for ' +
            '(set TF_CPP_MIN_LOG_LEVEL=0 to read what it looked for)',
    );
  if (device === 'cpu' && isUsingGpuDevice)
    throw new Error('TensorFlow computes on the GPU in this process, and is loaded once');
  return backend;
}

function requireTensorflow(device: Device): void {
  const folder = findTensorflow();
  if (!folder) throw new Error(`${tensorflowPackage.name} is not installed`);
  setDefaults(process.env, device);
  restoreUtil(util as unknown as Record<string, unknown>);
  shareTfjs(folder);
  own(folder); // registers its kernels and its backend
}

const own = createRequire(import.meta.url);
/** What of tfjs both the package and byzsim load. */
const shared = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'];

/** Gives the package byzsim's tfjs where it has one of its own: two of them would register every kernel twice. */
function shareTfjs(folder: string): void {
  const tfjs = createRequire(createRequire(join(folder, 'package.json')).resolve('@tensorflow/tfjs'));
  for (const name of shared) {
    own(name);
    own.cache[tfjs.resolve(name)] = own.cache[own.resolve(name)];
  }
}

/** What TensorFlow reads when it is loaded, unless the user has said otherwise. */
export function setDefaults(environment: NodeJS.ProcessEnv, device: Device): void {
  if (device === 'cpu') environment.CUDA_VISIBLE_DEVICES = '-1';
  // It tells of every library it tries, and on the CPU takes a GPU that is missing for an error.
  environment.TF_CPP_MIN_LOG_LEVEL ??= device === 'cpu' ? '3' : '2';
  environment.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'; // or it takes the whole GPU
  environment.TF_DETERMINISTIC_OPS ??= '1'; // the same bytes every time, on GPUs too
}

/** Node 23 removed two functions that the package calls. */
export function restoreUtil(module: Record<string, unknown>): void {
  module.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  module.isArray ??= Array.isArray;
}
