import type { Model } from '../../models/model.js';
import type { DeviceName } from '../engine.js';
import { toOnnx } from './lower.js';
import { trace } from './recorder.js';

/** A model as two ONNX files in memory. Plain bytes: they can be sent to other threads. */
export interface CompiledModel {
  /** (parameters, inputs, targets) -> (loss, gradient, statistics) */
  readonly gradient: Uint8Array;
  /** (parameters, statistics, inputs) -> (outputs) */
  readonly prediction: Uint8Array;
}

/**
 * Compiles a model for batches of `batch` rows, in forms that suit a device. Needs tfjs-core, but no tfjs backend and no
 * ONNX Runtime.
 *
 * @throws Error naming the model and the kernel when the model runs a kernel that has no translation
 */
export function compileModel(model: Model, batch: number, device: DeviceName = 'cpu'): CompiledModel {
  const { gradient, prediction } = trace(model, batch);
  return { gradient: toOnnx(gradient, device), prediction: toOnnx(prediction, device) };
}
