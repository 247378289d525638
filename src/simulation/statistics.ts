import type { Saved, Stateful } from '../base/state.js';

/** Batch-norm running statistics: state of the server, fed by the batch statistics that gradients carry. */
export class RunningStatistics implements Stateful {
  /** Means and variances, flat. */
  readonly values: Float32Array;

  constructor(initial: Float32Array) {
    this.values = initial.slice();
  }

  /** v ← 0.9 v + 0.1 b. Statistics that are not finite are left out. */
  fold(batch: Float32Array): void {
    if (!batch.every(Number.isFinite)) return;
    for (let k = 0; k < this.values.length; k++) this.values[k] = 0.9 * this.values[k] + 0.1 * batch[k];
  }

  save(): Saved {
    return this.values.slice();
  }

  load(saved: Saved): void {
    this.values.set(saved as Float32Array);
  }
}
