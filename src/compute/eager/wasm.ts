import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Engine } from '../engine.js';
import { registerKernelGradients } from '../kernel-gradients.js';
import { EagerExecutor } from './executor.js';
import type { WasmBackend } from './wasm-backend.js';
import { repairWasmBackend } from './wasm-kernels.js';

let loading: Promise<void> | undefined;

/** tfjs on WebAssembly, repaired (see wasm-kernels.ts). One instance a thread. */
export const wasm: Engine = {
  async load() {
    await (loading ??= loadBackend());
    return { version: tf.version_core, device: 'cpu' };
  },
  async createExecutor(model) {
    const { version } = await this.load('cpu');
    return new EagerExecutor(version, 'wasm', model);
  },
};

async function loadBackend(): Promise<void> {
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(join(dirname(main), '/'));
  registerKernelGradients();
  await withoutHandlers(() => tf.setBackend('wasm'));
  await repairWasmBackend(tf.backend() as WasmBackend);
}

/**
 * Emscripten's start-up takes over the process's uncaught errors, which would lose their messages: its handlers are
 * taken off again.
 */
async function withoutHandlers(start: () => Promise<boolean>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  const started = await start();
  events.forEach((event, k) => {
    for (const listener of process.listeners(event as 'uncaughtException'))
      if (!before[k].includes(listener)) process.removeListener(event, listener);
  });
  if (!started) throw new Error('tfjs-backend-wasm does not start');
}
