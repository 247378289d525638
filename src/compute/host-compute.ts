import type { Batch, Dataset } from '../data/dataset.js';
import type { Compute, ComputeDescription, Evaluation, Gradient } from './compute.js';
import { evaluationChunk, type EvaluationSums } from './job.js';
import type { Lane } from './lane.js';
import type { Vector, Vectors } from './vectors/vectors.js';

/**
 * Chunks of an evaluation that are in line for each lane. Enough to keep it busy while the caller aggregates; a gradient,
 * or the end of the run, has to wait for no more than these.
 */
const chunksInLine = 4;

/**
 * Gradients and evaluations on one or more lanes, with vectors on the host. A job goes to the lane with the least to
 * do; which lane does it never changes its result.
 */
export class HostCompute implements Compute {
  private closed = false;
  /** Fulfilled when all chunks of the evaluations so far are in line. */
  private inLine: Promise<void> = Promise.resolve();

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
    const { promise, resolve } = withResolvers();
    const [before, wanted] = [this.inLine, Math.ceil(count / evaluationChunk)];
    this.inLine = promise;
    // One model after another: an executor prepares itself for each.
    await before;
    const chunks: EvaluationSums[] = [];
    let next = 0;
    const work = async () => {
      while (next < wanted) {
        if (this.closed) throw new Error('the compute pool was closed');
        const chunk = next++;
        const from = chunk * evaluationChunk;
        const to = Math.min(count, from + evaluationChunk);
        const job = { kind: 'evaluation', parameters: values, statistics: running, from, to } as const;
        const sums = this.lane().run(job);
        if (next === wanted) resolve();
        chunks[chunk] = await sums;
      }
    };
    try {
      await Promise.all(Array.from({ length: chunksInLine * this.lanes.length }, work));
    } finally {
      resolve();
    }
    const sum = (key: keyof EvaluationSums) => chunks.reduce((total, sums) => total + sums[key], 0);
    const [loss, correct] = [sum('loss'), sum('correct')];
    return { loss: loss / count, accuracy: this.dataset.classes > 0 ? correct / count : undefined };
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private lane(): Lane {
    return this.lanes.reduce((best, lane) => (lane.load < best.load ? lane : best));
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}

/** A copy that threads read in place. */
function shared(values: ArrayLike<number>): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(4 * values.length));
  copy.set(values);
  return copy;
}
