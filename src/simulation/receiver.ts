import type { Receive } from '../aggregators/arrivals/arrival-rule.js';
import type { Remembered, Saved, StateTree } from '../base/state.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import type { ServerOptimizer } from '../optimizers/optimizer.js';
import type { RunningStatistics } from './statistics.js';

/** What a receiver is made of. */
export interface ReceiverParts {
  workers: number;
  receive: Receive;
  optimizer: Pick<ServerOptimizer, 'model'>;
  /** The optimizer's step. */
  move: (direction: Vector) => void;
  statistics: RunningStatistics;
  /** η_t of its step t = 1, 2, … */
  learningRate: (step: number) => number;
  /** Whether the rule asks for the model that a message was computed at. */
  usesOrigin: boolean;
  /** The gradient of the server's own inputs, which is taken anew after so many arrivals; absent: it has none. */
  clean?: { gradient: (model: Vector) => Promise<Vector>; every: number };
  state: StateTree;
}

/** A server whose rule takes messages one by one as they arrive. It steps when the rule says so. */
export class Receiver {
  readonly name = undefined;
  readonly statistics: RunningStatistics;
  private readonly counts: Remembered<{ arrivals: number; steps: number; sent: number[] }>;
  private readonly models: SentModels | undefined;
  private readonly clean: Remembered<ArrayLike<number> | undefined>;

  constructor(
    private readonly vectors: Vectors,
    private readonly parts: ReceiverParts,
  ) {
    const { workers, optimizer, usesOrigin, state } = parts;
    this.statistics = parts.statistics;
    // Every worker begins at the first model.
    const sent = new Array<number>(workers).fill(0);
    this.counts = state.remember('receiver', { arrivals: 0, steps: 0, sent });
    this.clean = state.remember<ArrayLike<number> | undefined>('receiver/clean', undefined);
    if (usesOrigin) {
      this.models = new SentModels(vectors, optimizer.model, workers);
      state.register('receiver/models', this.models);
    }
  }

  /** Valid until the next step. */
  get model(): Vector {
    return this.parts.optimizer.model;
  }

  /**
   * Takes a message, and says whether it was accepted. Its worker is sent the model as it was before.
   * @param id 0-based, of the worker
   * @param finite whether the message is: one that is not is refused, without the rule
   */
  async take(id: number, message: Vector, finite: boolean): Promise<boolean> {
    const { vectors, parts } = this;
    const counts = this.counts.value;
    const clean = await this.cleanGradient(counts.arrivals);
    const verdict = finite
      ? vectors.scope(() =>
          parts.receive({
            worker: id + 1,
            message,
            staleness: counts.arrivals - counts.sent[id],
            model: this.model,
            origin: this.models?.of(id),
            clean: clean && vectors.fromHost(clean),
            learningRate: parts.learningRate(counts.steps + 1),
            vectors,
          }),
        )
      : 'refused';
    counts.sent[id] = counts.arrivals++;
    this.models?.send(id, this.model);
    if (typeof verdict !== 'string') {
      counts.steps++;
      parts.move(verdict);
      vectors.release(verdict);
    }
    return verdict !== 'refused';
  }

  private async cleanGradient(arrivals: number): Promise<ArrayLike<number> | undefined> {
    const { clean } = this.parts;
    if (clean && arrivals % clean.every === 0) {
      const gradient = await clean.gradient(this.model);
      this.clean.value = this.vectors.toHost(gradient);
      this.vectors.release(gradient);
    }
    return this.clean.value;
  }
}

/** The model that each worker was sent last. */
class SentModels {
  private models: Vector[];

  constructor(
    private readonly vectors: Vectors,
    first: Vector,
    workers: number,
  ) {
    this.models = Array.from({ length: workers }, () => vectors.combine([1], [first]));
  }

  of(id: number): Vector {
    return this.models[id];
  }

  send(id: number, model: Vector): void {
    this.vectors.release(this.models[id]);
    this.models[id] = this.vectors.combine([1], [model]);
  }

  save(): Saved {
    return this.models.map((model) => this.vectors.toHost(model));
  }

  load(saved: Saved): void {
    for (const model of this.models) this.vectors.release(model);
    this.models = (saved as ArrayLike<number>[]).map((model) => this.vectors.fromHost(model));
  }
}
