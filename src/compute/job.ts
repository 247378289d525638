import { assembleInputs, assembleTargets } from '../data/batches.js';
import { targetSize, type Batch, type Dataset } from '../data/dataset.js';
import { sizeOf, type Model } from '../models/model.js';
import type { Executor, HostGradient } from './executor.js';

/** One piece of work for one executor. */
export type Job = GradientJob | EvaluationJob;

export interface GradientJob {
  kind: 'gradient';
  parameters: Float32Array;
  batch: Batch;
  labels: 'true' | 'flipped';
}

/** Evaluation of the test inputs from..to-1. */
export interface EvaluationJob {
  kind: 'evaluation';
  parameters: Float32Array;
  statistics: Float32Array;
  from: number;
  to: number;
}

/** Sums over a range of test inputs. */
export interface EvaluationSums {
  loss: number;
  correct: number;
}

export type JobResult<J extends Job> = J extends GradientJob ? HostGradient : EvaluationSums;

/** Test inputs evaluated at once: few enough that activations stay small. Fixed, so that sums never depend on threads. */
export const evaluationChunk = 200;

/** Does jobs, one at a time. */
export interface Runner {
  run<J extends Job>(job: J): Promise<JobResult<J>>;
  close(): Promise<void>;
}

/** Does the jobs of one model and data set on one executor. Keeps its input buffers between jobs. */
export class JobRunner implements Runner {
  private inputs = new Float32Array(0);
  private targets = new Float32Array(0);

  constructor(
    private readonly executor: Executor,
    private readonly model: Model,
    private readonly dataset: Dataset,
  ) {}

  async run<J extends Job>(job: J): Promise<JobResult<J>> {
    return (await (job.kind === 'gradient' ? this.gradient(job) : this.evaluate(job))) as JobResult<J>;
  }

  close(): Promise<void> {
    return this.executor.close();
  }

  private gradient({ parameters, batch, labels }: GradientJob): Promise<HostGradient> {
    const { dataset } = this;
    const count = batch.indices.length;
    const inputs = this.inputBuffer(count);
    const targets = count * targetSize(dataset);
    if (this.targets.length !== targets) this.targets = new Float32Array(targets);
    assembleInputs(dataset, dataset.train, batch, inputs);
    assembleTargets(dataset, batch, labels, this.targets);
    return this.executor.gradient(parameters, inputs, this.targets, count);
  }

  private async evaluate({ parameters, statistics, from, to }: EvaluationJob): Promise<EvaluationSums> {
    const { dataset, model } = this;
    const count = to - from;
    const inputs = this.inputBuffer(count);
    assembleInputs(dataset, dataset.test, { from, to }, inputs);
    const outputs = await this.executor.predict(parameters, statistics, inputs, count);
    const width = outputs.length / count;
    const sums = { loss: 0, correct: 0 };
    for (let k = 0; k < count; k++) {
      const row = outputs.subarray(k * width, (k + 1) * width);
      const { loss, correct } = model.score(row, dataset.test.labels[from + k]);
      sums.loss += loss;
      if (correct) sums.correct++;
    }
    return sums;
  }

  private inputBuffer(count: number): Float32Array {
    const length = count * sizeOf(this.dataset);
    if (this.inputs.length !== length) this.inputs = new Float32Array(length);
    return this.inputs;
  }
}
