import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.js';
import { loadTensorflow, type NodeBackend } from './binding.js';
import { TensorflowExecutor } from './executor.js';

/** TensorFlow's C library through @tensorflow/tfjs-node-gpu, which byzsim setup tensorflow installs: CUDA, or its own CPU kernels. */
export const tensorflow: Engine = {
  async load(device) {
    const backend = await loadTensorflow(device);
    const loaded = { version: versionOf(backend), device: deviceOf(backend) };
    return device === 'auto' && loaded.device === 'cpu' ? { ...loaded, note: 'it uses no GPU' } : loaded;
  },

  async createExecutor(model, device) {
    const backend = await loadTensorflow(device);
    return new TensorflowExecutor(versionOf(backend), backend.binding, model, deviceOf(backend));
  },
};

function versionOf({ binding }: NodeBackend): string {
  return `${binding.TF_Version} (tfjs ${tf.version_core})`;
}

function deviceOf({ isUsingGpuDevice }: NodeBackend): 'cpu' | 'cuda' {
  return isUsingGpuDevice ? 'cuda' : 'cpu';
}
