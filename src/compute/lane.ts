import type { Job, JobResult, Runner } from './job.js';

/** Does jobs one after another, in the order they come. A job's arrays belong to the lane from then on. */
export interface Lane {
  /** Jobs under way or waiting. */
  readonly load: number;
  run<J extends Job>(job: J): Promise<JobResult<J>>;
  close(): Promise<void>;
}

/** A lane in this thread. */
export class LocalLane implements Lane {
  load = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly runner: Runner) {}

  run<J extends Job>(job: J): Promise<JobResult<J>> {
    this.load++;
    const result = this.last.then(() => this.runner.run(job));
    this.last = result.then(
      () => this.load--,
      () => this.load--,
    );
    return result;
  }

  async close(): Promise<void> {
    await this.last;
    await this.runner.close();
  }
}
