import type { Aggregator } from '../aggregators/create.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import type { ServerOptimizer } from '../optimizers/optimizer.js';
import type { RunningStatistics } from './statistics.js';

/** What a server is made of. */
export interface ServerParts {
  /** Where there are several. */
  name?: string;
  aggregate: Aggregator;
  optimizer: Pick<ServerOptimizer, 'model' | 'moveTo'>;
  /** The optimizer's step. */
  move: (aggregate: Vector) => void;
  statistics: RunningStatistics;
}

/** A server: a rule, an optimizer that moves the model by what the rule makes of messages, and batch-norm statistics. */
export class Server {
  readonly statistics: RunningStatistics;

  constructor(
    private readonly vectors: Vectors,
    private readonly parts: ServerParts,
  ) {
    this.statistics = parts.statistics;
  }

  get name(): string | undefined {
    return this.parts.name;
  }

  /** Valid until the next step. */
  get model(): Vector {
    return this.parts.optimizer.model;
  }

  /**
   * Moves by the aggregate of messages, in the order of their workers. `finite[i]` says whether message i is.
   * @param workers 0-based, whose the messages are; default: all
   * @throws ExperimentError when too few are finite
   */
  step(
    messages: readonly Vector[],
    weights: readonly number[],
    finite: readonly boolean[],
    workers?: readonly number[],
  ): void {
    const aggregate = this.parts.aggregate(messages, weights, finite, workers);
    this.parts.move(aggregate);
    this.vectors.release(aggregate);
  }

  /** Takes another model (copied) in place of its own. */
  moveTo(model: Vector): void {
    this.parts.optimizer.moveTo(model);
  }
}
