import type * as TF from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import util from 'node:util';
import type { Engine } from '../engine.js';
import { registerKernelGradients } from '../kernel-gradients.js';
import { EagerExecutor } from './executor.js';

/** What of the backend of @tensorflow/tfjs-node-gpu is used here. */
interface NodeBackend extends TF.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
  executeSingleOutput(name: string, attributes: unknown[], inputs: TF.Tensor[]): TF.Tensor;
}

const require = createRequire(import.meta.url);

/** TensorFlow's C library through @tensorflow/tfjs-node-gpu, an optional package: CUDA, or its own CPU kernels. */
export const tensorflow: Engine = {
  async load(device) {
    if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1';
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // errors only: it tells of every library it tries
    process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
    restoreUtil();
    const createTypeAttribute = requireTensorflow();
    await tf.setBackend('tensorflow');
    const backend = tf.backend() as NodeBackend;
    registerReluGradient(createTypeAttribute);
    registerKernelGradients();

    if (device === 'cuda' && !backend.isUsingGpuDevice)
      throw new Error(
        'TensorFlow sees no CUDA device, or not the CUDA and cuDNN libraries it was built for ' +
          '(set TF_CPP_MIN_LOG_LEVEL=0 to read what it tried)',
      );
    return {
      version: `${backend.binding.TF_Version} (tfjs ${tf.version_core})`,
      device: backend.isUsingGpuDevice ? 'cuda' : 'cpu',
    };
  },

  async createExecutor(model, device) {
    const { version } = await this.load(device);
    return new EagerExecutor(version, 'tensorflow', model);
  },
};

type CreateTypeAttribute = (name: string, type: TF.DataType) => unknown;

/** Loads the package, which registers its kernels and its backend. Returns its maker of type attributes. */
function requireTensorflow(): CreateTypeAttribute {
  const name = '@tensorflow/tfjs-node-gpu';
  try {
    require.resolve(`${name}/package.json`);
  } catch {
    throw new Error(`${name} is not installed`);
  }
  require(name);
  const kernelBackend = require(`${name}/dist/nodejs_kernel_backend.js`) as {
    createTensorsTypeOpAttr: CreateTypeAttribute;
  };
  return kernelBackend.createTensorsTypeOpAttr;
}

/** Node 23 removed two functions that tfjs-node calls. */
function restoreUtil(): void {
  const module = util as unknown as Record<string, unknown>;
  module.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  module.isArray ??= Array.isArray;
}

/** One kernel on this backend, where the usual way through Step uploads a constant from the host each time. */
function registerReluGradient(createTypeAttribute: CreateTypeAttribute): void {
  tf.unregisterGradient('Relu');
  tf.registerGradient({
    kernelName: 'Relu',
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () => {
        if (tf.getBackend() !== 'tensorflow') return tf.mul(dy as TF.Tensor, tf.step(y));
        const backend = tf.backend() as NodeBackend;
        return backend.executeSingleOutput(
          'ReluGrad',
          [createTypeAttribute('T', y.dtype)],
          [dy as TF.Tensor, y],
        );
      },
    }),
  });
}
