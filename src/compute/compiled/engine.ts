import { quadratic } from '../../models/quadratic.js';
import type { Engine } from '../engine.js';
import { compileModel } from './compile.js';
import { createOnnxExecutor } from './executor.js';
import { describePlacement, findPlacement } from './placement.js';
import { loadRuntime, sessionOptions } from './providers.js';

/** Models traced once and run as one graph by ONNX Runtime. `auto` is the CPU. */
export const onnx: Engine = {
  async load(wanted) {
    const device = wanted === 'auto' ? 'cpu' : wanted;
    const model = quadratic.create({}, { shape: [1], classes: 0 });
    const executor = await createOnnxExecutor(model, { device });
    // A provider that is listed may still lack its libraries or its GPU: only a session tells.
    if (device !== 'cpu')
      await executor.predict(new Float32Array(1), new Float32Array(0), new Float32Array(1), 1);
    await executor.close();
    return { version: executor.version, device };
  },

  createExecutor: (model, device) => createOnnxExecutor(model, { device }),

  async placement(model, device, batch) {
    if (device === 'cpu') return undefined;
    const ort = await loadRuntime(device);
    const options = sessionOptions(device, 1);
    const graphs = Object.entries(compileModel(model, batch, device)) as [string, Uint8Array][];
    const found: string[] = [];
    for (const [what, graph] of graphs) {
      const placement = await findPlacement(
        graph,
        options,
        (bytes, options) => ort.InferenceSession.create(bytes, options),
        (values, shape) => new ort.Tensor('float32', values, shape),
      );
      if (placement) found.push(describePlacement(what, device, placement));
    }
    return found.length > 0 ? found.join('; ') : undefined;
  },
};
