import type { Model } from '../../models/model.js';
import type { DeviceName } from '../engine.js';
import { toOnnx } from './lower.js';
import { traceFunction } from './recorder.js';

/** A model as two ONNX files in memory. Plain bytes: they can be sent to other threads. */
export interface CompiledModel {
  /** (parameters, inputs, targets) -> (loss, gradient, statistics) */
  readonly gradient: Uint8Array;
  /** (parameters, statistics, inputs) -> (outputs) */
  readonly prediction: Uint8Array;
}

/**
 * Compiles one function of a model for batches of `batch` rows, in forms that suit a device. Needs tfjs-core, but no
 * tfjs backend and no ONNX Runtime.
 *
 * @throws Error naming the model and the kernel when the model runs a kernel that has no translation
 */
export function compileFunction(
  model: Model,
  batch: number,
  what: keyof CompiledModel,
  device: DeviceName = 'cpu',
): Uint8Array {
  return toOnnx(traceFunction(model, batch, what), device);
}

/** Compiles both functions of a model. */
export function compileModel(model: Model, batch: number, device?: DeviceName): CompiledModel {
  return {
    gradient: compileFunction(model, batch, 'gradient', device),
    prediction: compileFunction(model, batch, 'prediction', device),
  };
}
