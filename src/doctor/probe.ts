// probe.js ENGINE DEVICE: loads one engine on one device and times a gradient. Its parent is sent a ProbeResult.
import seedrandom from 'seedrandom';
import { measure } from '../base/measure.js';
import type { Backend, Device, EngineName } from '../compute/engine.js';
import { createExecutor } from '../compute/engines.js';
import { nativeRemedy } from '../compute/native-remedy.js';
import { cnnMnist } from '../models/cnn.js';
import { initialValues, sizeOf } from '../models/model.js';
import { probed, type ProbeResult } from './engines.js';

/** Milliseconds for the gradients that are timed. */
const budget = 100;

const [backend, device] = process.argv.slice(2);
const result = await probe(backend as Backend, device as Device);
process.send!(result, () => process.exit());

async function probe(backend: Backend, device: Device): Promise<ProbeResult> {
  const model = cnnMnist.create({}, { shape: probed.shape, classes: 10 });
  try {
    const { executor, ...chosen } = await createExecutor({ backend, device, model });
    const random = seedrandom('doctor');
    const parameters = initialValues(model.parameters, random);
    const inputs = Float32Array.from({ length: probed.batch * sizeOf(model.input) }, () => random());
    const targets = Float32Array.from({ length: probed.batch * 10 }, (_, k) => Number(k % 10 === 3));
    const gradient = () => executor.gradient(parameters, inputs, targets, probed.batch);
    await gradient(); // an engine's first one may take a hundred times as long
    const { fastest } = await measure(gradient, budget);
    return { loads: true, ...chosen, gradient_ms: fastest };
  } catch (error) {
    const { cause, message } = error as Error;
    return {
      loads: false,
      problem: (cause instanceof Error ? cause.message : message).split('\n')[0],
      remedy: backend === 'auto' ? undefined : nativeRemedy(backend as EngineName, error),
    };
  }
}
