import { compileFunction } from '../../../src/compute/compiled/compile.js';
import { createOnnxExecutor } from '../../../src/compute/compiled/executor.js';
import type { DeviceName } from '../../../src/compute/engine.js';
import type { Model } from '../../../src/models/model.js';
import { conformance } from '../conformance.js';

/** The forms of a device, computed on the CPU. */
const formsOf = (device: DeviceName) => (model: Model) =>
  createOnnxExecutor(model, { compile: (batch, what) => compileFunction(model, batch, what, device) });

// Held to the forms of the CPU, which are held to the slow tfjs cpu backend elsewhere.
conformance(formsOf('cpu'), {
  'the CPU in the forms of CUDA': formsOf('cuda'),
  'the CPU in the forms of WebGPU': formsOf('webgpu'),
});
