import type { Model } from '../../models/model.js';
import { traceFunction } from '../compiled/recorder.js';
import { Remembered } from '../remember.js';
import type { Binding, Handle } from './binding.js';
import { toPlan } from './lower.js';
import { Program } from './program.js';

/** How many batch sizes keep their programs: the training batch, the evaluation batch and the last, shorter ones. */
const cachedBatches = 4;

/**
 * A model on TensorFlow, tensors in and out, each by its number. It is traced for each batch size when that is first
 * asked for. Arguments stay the caller's; results become the caller's.
 */
export class ModelPrograms {
  private readonly gradients: Remembered<Program>;
  private readonly predictions: Remembered<Program>;

  constructor(binding: Binding, model: Model, device: 'cpu' | 'cuda') {
    const programs = (what: 'gradient' | 'prediction') =>
      new Remembered(
        cachedBatches,
        (batch) => new Program(binding, toPlan(traceFunction(model, batch, what), device)),
        (old) => old.close(),
      );
    this.gradients = programs('gradient');
    this.predictions = programs('prediction');
  }

  gradient(
    batch: number,
    tensors: { parameters: number; inputs: number; targets: number },
  ): Record<'loss' | 'gradient' | 'statistics', Handle> {
    return this.gradients.get(batch).run(tensors) as Record<'loss' | 'gradient' | 'statistics', Handle>;
  }

  /** Evaluation-mode outputs, [batch, k]. */
  predict(batch: number, tensors: { parameters: number; statistics: number; inputs: number }): Handle {
    return this.predictions.get(batch).run(tensors).outputs;
  }

  close(): void {
    this.gradients.clear();
    this.predictions.clear();
  }
}
