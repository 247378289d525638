import * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { Engine } from '../engine.js';
import { registerKernelGradients } from '../kernel-gradients.js';
import { registerFastKernels } from './cpu-kernels.js';
import { EagerExecutor } from './executor.js';

/** A copy of tfjs's backend `cpu` with faster kernels. `cpu` stays as it is, for others to be held to. */
export const fastBackend = 'cpu-fast';

let loading: Promise<void> | undefined;

/** tfjs in plain JavaScript: needs nothing but Node. */
export const cpu: Engine = {
  async load() {
    await (loading ??= loadBackend());
    return { version: tf.version_core, device: 'cpu' };
  },
  async createExecutor(model) {
    const { version } = await this.load('cpu');
    return new EagerExecutor(version, fastBackend, model);
  },
};

async function loadBackend(): Promise<void> {
  registerKernelGradients();
  tf.copyRegisteredKernels('cpu', fastBackend);
  registerFastKernels(fastBackend);
  tf.registerBackend(fastBackend, () => {
    const backend = new MathBackendCPU();
    // Or its first use prints a banner.
    (backend as unknown as { firstUse: boolean }).firstUse = false;
    return backend;
  });
  await tf.setBackend(fastBackend);
}
