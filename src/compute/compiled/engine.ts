import { quadratic } from '../../models/quadratic.js';
import type { Engine } from '../engine.js';
import { createOnnxExecutor } from './executor.js';

/** Models traced once and run as one graph by ONNX Runtime. `auto` is the CPU. */
export const onnx: Engine = {
  async load(wanted) {
    const device = wanted === 'auto' ? 'cpu' : wanted;
    const model = quadratic.build({}, { shape: [1], classes: 0 });
    const executor = await createOnnxExecutor(model, { device });
    // A provider that is listed may still lack its libraries or its GPU: only a session tells.
    if (device !== 'cpu')
      await executor.predict(new Float32Array(1), new Float32Array(0), new Float32Array(1), 1);
    await executor.close();
    return { version: executor.version, device };
  },
  createExecutor: (model, device) => createOnnxExecutor(model, { device }),
};
