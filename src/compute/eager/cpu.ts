import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Engine } from '../engine.js';
import { registerKernelGradients } from '../kernel-gradients.js';
import { EagerExecutor } from './executor.js';

/** tfjs in plain JavaScript: slow, everywhere, and what every other engine is compared with. */
export const cpu: Engine = {
  async load() {
    registerKernelGradients();
    await tf.setBackend('cpu');
    // Or its first use prints a banner.
    (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
    return { version: tf.version_core, device: 'cpu' };
  },
  async createExecutor(model) {
    const { version } = await this.load('cpu');
    return new EagerExecutor(version, 'cpu', model);
  },
};
