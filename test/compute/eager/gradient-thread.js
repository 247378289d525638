// A worker thread with an executor of its own, from the compiled sources.
import { parentPort, workerData } from 'node:worker_threads';
import { constructExecutor } from '../../../dist/compute/engines.js';
import { mlp } from '../../../dist/models/mlp.js';

const model = mlp.create({ hidden: [50, 20] }, { shape: [28, 28, 1], classes: 10 });
const executor = await constructExecutor({ backend: 'wasm', device: 'cpu' }, model);
const { parameters, inputs, targets, batch } = workerData;
parentPort.postMessage(await executor.gradient(parameters, inputs, targets, batch));
