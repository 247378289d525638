import { parentPort, workerData } from 'node:worker_threads';
import { createOnnxExecutor } from '../../../src/compute/compiled/executor.js';
import type { CompiledModel } from '../../../src/compute/compiled/compile.js';
import { logistic } from '../../../src/models/mlp.js';

/** Computes one gradient in a thread of its own, compiling the model here unless it is handed over. */
const { point, inputs, targets, batch, compiled } = workerData as Record<
  'point' | 'inputs' | 'targets',
  Float32Array
> & { batch: number; compiled?: CompiledModel };
const model = logistic.create({}, { shape: [2, 2, 1], classes: 3 });
const executor = await createOnnxExecutor(model, compiled && { compile: (_, what) => compiled[what] });
parentPort!.postMessage(await executor.gradient(point, inputs, targets, batch));
await executor.close();
