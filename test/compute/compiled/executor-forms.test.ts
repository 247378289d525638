import { conformance } from '../conformance.js';
import { compileModel } from '../../../src/compute/compiled/compile.js';
import { createOnnxExecutor } from '../../../src/compute/compiled/executor.js';
import { constructExecutor, type DeviceName } from '../../../src/compute/engine.js';
import type { Model } from '../../../src/models/model.js';

/** The forms of a device, computed on the CPU. */
const formsOf = (device: DeviceName) => (model: Model) =>
  createOnnxExecutor(model, { compile: (batch) => compileModel(model, batch, device) });

conformance((model) => constructExecutor({ backend: 'cpu', device: 'cpu' }, model), {
  'the CPU in the forms of CUDA': formsOf('cuda'),
  'the CPU in the forms of WebGPU': formsOf('webgpu'),
});
