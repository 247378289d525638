import type { Batch, Dataset } from '../data/dataset.js';
import type { Compute, ComputeDescription, Evaluation, Gradient } from './compute.js';
import { evaluationChunk } from './job.js';
import type { Lane } from './lane.js';
import type { Vector, Vectors } from './vectors/vectors.js';

/**
 * Gradients and evaluations on one or more lanes, with vectors on the host. A job goes to the lane with the least to
 * do; which lane does it never changes its result.
 */
export class HostCompute implements Compute {
  constructor(
    readonly description: ComputeDescription,
    readonly vectors: Vectors,
    private readonly lanes: readonly Lane[],
    private readonly dataset: Dataset,
  ) {}

  async gradient(parameters: Vector, batch: Batch, labels: 'true' | 'flipped'): Promise<Gradient> {
    const values = this.vectors.toHost(parameters) as Float32Array;
    const { loss, gradient, statistics } = await this.lane().run({
      kind: 'gradient',
      parameters: values,
      batch,
      labels,
    });
    return { loss, vector: this.vectors.fromHost(gradient), statistics };
  }

  async evaluate(parameters: Vector, statistics: Float32Array): Promise<Evaluation> {
    const { count } = this.dataset.test;
    // Read by every chunk, and by the caller's next updates: shared and private copies.
    const values = shared(this.vectors.toHost(parameters));
    const running = shared(statistics);
    const chunks = [];
    for (let from = 0; from < count; from += evaluationChunk) {
      const to = Math.min(count, from + evaluationChunk);
      chunks.push(this.lane().run({ kind: 'evaluation', parameters: values, statistics: running, from, to }));
    }
    let loss = 0;
    let correct = 0;
    for (const sums of await Promise.all(chunks)) {
      loss += sums.loss;
      correct += sums.correct;
    }
    return { loss: loss / count, accuracy: this.dataset.classes > 0 ? correct / count : undefined };
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private lane(): Lane {
    return this.lanes.reduce((best, lane) => (lane.load < best.load ? lane : best));
  }
}

/** A copy that threads read in place. */
function shared(values: ArrayLike<number>): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(4 * values.length));
  copy.set(values);
  return copy;
}
