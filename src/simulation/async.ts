import type { Attack } from '../attacks/index.js';
import type { Compute, Gradient } from '../compute/compute.js';
import type { Vector } from '../compute/vectors/vectors.js';
import type { Batch } from '../data/dataset.js';
import { ExperimentError } from '../errors.js';
import type { Optimizer, Server } from '../workers/optimizer.js';
import type { Arrivals } from './arrivals.js';
import type { RunningStatistics } from './statistics.js';
import { Tally, type Row } from './tally.js';

/** Everything an asynchronous run is made of; the simulation itself is only the order of events. */
export interface AsyncExperiment {
  workers: number;
  /** How many workers, those with the last ids, are Byzantine. */
  byzantine: number;
  updates: number;
  /** Evaluate after every so many updates, and after the last. */
  evaluateEvery: number;
  /** Training inputs in one pass over the data. */
  passSize: number;
  compute: Compute;
  optimizer: Optimizer;
  arrivals: Arrivals;
  attack: Attack;
  /** Starting point of the model. */
  start: Vector;
  statistics: RunningStatistics;
  drawBatch: () => Batch;
  /** One aggregation of the current messages. Ids are indices here; `finite[i]` says whether message i is. */
  aggregate: (messages: readonly Vector[], weights: readonly number[], finite: readonly boolean[]) => Vector;
}

export interface RunOptions {
  signal?: AbortSignal;
  /** Called after every update. */
  onUpdate?: (update: number) => void;
  /** Whether rows carry the model. */
  keepIterates?: boolean;
}

/** How long the loop may run before timers and signals get their turn, in milliseconds. */
const breath = 30;

/** Evaluations under way at one time; more would only hold models in memory. */
const maxEvaluations = 2;

/**
 * Asynchronous training with weighted robust aggregation (Weight for Robustness, NeurIPS 2024), in the timing of the
 * published code: a gradient is dispatched when its worker arrives and used when that worker arrives again.
 *
 * Yields one row an evaluation, in order. Gradients are awaited at arrival and evaluations when they are done, so a
 * compute pool stays busy; every random draw comes from a named stream and the state changes only in event order, so
 * the rows are the same bytes for any number of threads.
 *
 * @throws ExperimentError when the model diverges, or too few messages are finite
 */
export async function* runAsync(
  experiment: AsyncExperiment,
  options: RunOptions = {},
): AsyncGenerator<Row, void> {
  const { compute, arrivals, updates } = experiment;
  const { vectors } = compute;
  const server = experiment.optimizer.server(vectors, experiment.start);
  const workers = await startWorkers(experiment, server);
  const tally = new Tally();
  const evaluations: PendingRow[] = [];
  let lastBreath = performance.now();

  for (let update = 1; update <= updates && !options.signal?.aborted; update++) {
    const { worker: id, time } = arrivals.next();
    const worker = workers[id];
    const version = update - 1;

    await worker.deliver();
    if (worker.byzantine) tally.byzantineArrived();
    else tally.honestArrived(worker.loss, version - worker.version);

    // At the model before this update: nothing of it depends on the aggregate, so the pool can begin.
    worker.dispatch(server.model, version);
    const aggregate = experiment.aggregate(
      workers.map((w) => w.current),
      workers.map((w) => w.weight),
      workers.map((w) => w.finite),
    );
    server.step(aggregate);
    vectors.release(aggregate);
    if (!vectors.isFinite(server.model)) {
      throw new ExperimentError(
        `the model diverged at update ${update}: its parameters are no longer finite`,
      );
    }
    worker.prepare(server.model, workers);

    if (update % experiment.evaluateEvery === 0 || update === updates) {
      const epoch = (update * worker.batch.indices.length) / experiment.passSize;
      const complete = tally.close(update, time, epoch);
      const iterate = options.keepIterates ? vectors.toHost(server.model) : undefined;
      const evaluation = compute.evaluate(server.model, experiment.statistics.values);
      evaluations.push(new PendingRow(evaluation.then((result) => ({ ...complete(result), iterate }))));
    }
    options.onUpdate?.(update);
    while (evaluations.length > 0 && (evaluations[0].done || evaluations.length > maxEvaluations)) {
      yield* finish(evaluations.shift()!);
    }
    if (performance.now() - lastBreath > breath) {
      await new Promise((resolve) => setImmediate(resolve));
      lastBreath = performance.now();
    }
  }
  for (const row of evaluations) yield* finish(row);
}

/** A row whose evaluation is under way. */
class PendingRow {
  done = false;

  constructor(readonly row: Promise<Row>) {
    handled(row).then(
      () => (this.done = true),
      () => (this.done = true),
    );
  }
}

async function* finish({ row }: PendingRow): AsyncGenerator<Row, void> {
  const { update, testLoss } = await row;
  yield await row;
  if (!Number.isFinite(testLoss)) {
    throw new ExperimentError(`the model diverged by update ${update}: its test loss is ${testLoss}`);
  }
}

/**
 * The initial round: every worker, in order of ids, sends its first gradient. A Byzantine worker that makes its message
 * from the others' knows those that went before it, and weights count only workers that have started.
 */
async function startWorkers(experiment: AsyncExperiment, server: Server): Promise<Worker[]> {
  const { workers: count, byzantine } = experiment;
  const workers: Worker[] = [];
  for (let id = 0; id < count; id++) workers.push(new Worker(experiment, id >= count - byzantine));
  for (const worker of workers) worker.start(server.model);
  for (const worker of workers) await worker.begin(workers);
  return workers;
}

/** A worker's side of the protocol, and the message the server holds of it. */
class Worker {
  /** s_i: messages sent so far, the first one included. 0: not started. */
  weight = 0;
  /** Whether the current message is finite. */
  finite = true;
  /** Training loss of the current message's gradient. */
  loss = NaN;
  /** Updates made to the model that the current message was computed at. */
  version = 0;
  current!: Vector;
  /** The sample of the next gradient. */
  batch!: Batch;

  /** What replaces the current message at the next arrival; undefined while that is still the first message. */
  private next: Dispatched | { message: Vector } | undefined;
  /** g̃: the gradient of `batch` at the model this worker saw last. */
  private reference: Promise<Gradient> | undefined;

  constructor(
    private readonly experiment: AsyncExperiment,
    readonly byzantine: boolean,
  ) {}

  /** How this worker estimates gradients, or undefined when it makes its messages from the others'. */
  private get estimator(): { labels: 'true' | 'flipped'; sign: 1 | -1 } | undefined {
    if (!this.byzantine) return { labels: 'true', sign: 1 };
    return this.experiment.attack.kind === 'estimator' ? this.experiment.attack : undefined;
  }

  /** Draws the first sample and dispatches its gradient. */
  start(model: Vector): void {
    this.batch = this.experiment.drawBatch();
    if (this.estimator) this.reference = this.gradient(model, this.estimator.labels);
  }

  /** Makes the first message: the gradient itself, which is its own reference too. */
  async begin(workers: readonly Worker[]): Promise<void> {
    const { vectors } = this.experiment.compute;
    this.weight = 1;
    if (this.estimator && this.reference) {
      const { vector, loss, statistics } = await this.reference;
      this.loss = loss;
      this.experiment.statistics.fold(statistics);
      this.current = vectors.combine([this.estimator.sign], [vector]);
      if (!this.experiment.optimizer.usesReference) {
        vectors.release(vector);
        this.reference = undefined;
      }
    } else {
      this.current = this.craft(workers);
    }
    this.finite = vectors.isFinite(this.current);
  }

  /** The worker arrives: its next message becomes the current one. */
  async deliver(): Promise<void> {
    this.weight++;
    const { next } = this;
    if (next === undefined) return;
    const { vectors } = this.experiment.compute;
    const previous = this.current;
    if ('message' in next) {
      this.current = next.message;
    } else {
      const { vector, loss, statistics } = await next.gradient;
      const reference = await next.reference;
      const { coefficients: c, sign } = next;
      // The current message is `sign` times the estimator's last value.
      this.current = vectors.combine(
        [sign * c.gradient, c.previous, sign * c.reference],
        [vector, previous, reference?.vector ?? previous],
      );
      vectors.release(vector);
      if (reference) vectors.release(reference.vector);
      this.loss = loss;
      this.version = next.version;
      this.experiment.statistics.fold(statistics);
    }
    vectors.release(previous);
    this.finite = vectors.isFinite(this.current);
  }

  /** Dispatches the gradient of the sample drawn at the previous arrival, at the model the worker sees now. */
  dispatch(model: Vector, version: number): void {
    if (!this.estimator) return;
    this.next = {
      gradient: this.gradient(model, this.estimator.labels),
      reference: this.reference,
      coefficients: this.experiment.optimizer.message(this.weight),
      sign: this.estimator.sign,
      version,
    };
    this.reference = undefined;
  }

  /** Draws the next sample; at the updated model, dispatches its reference gradient or makes the message. */
  prepare(model: Vector, workers: readonly Worker[]): void {
    this.batch = this.experiment.drawBatch();
    if (!this.estimator) this.next = { message: this.craft(workers) };
    else if (this.experiment.optimizer.usesReference)
      this.reference = this.gradient(model, this.estimator.labels);
  }

  private gradient(model: Vector, labels: 'true' | 'flipped'): Promise<Gradient> {
    return handled(this.experiment.compute.gradient(model, this.batch, labels));
  }

  /** A message made from the honest workers' current ones. */
  private craft(workers: readonly Worker[]): Vector {
    const { attack } = this.experiment;
    if (attack.kind !== 'omniscient') throw new TypeError(`no message to make under a ${attack.kind} attack`);
    const honest = workers.filter((worker) => !worker.byzantine && worker.finite);
    const byzantineWeight = workers.reduce((sum, worker) => sum + (worker.byzantine ? worker.weight : 0), 0);
    return attack.message(
      honest.map((worker) => worker.current),
      honest.map((worker) => worker.weight),
      byzantineWeight,
    );
  }
}

/** A message whose gradient is being computed. */
interface Dispatched {
  gradient: Promise<Gradient>;
  reference: Promise<Gradient> | undefined;
  coefficients: { gradient: number; previous: number; reference: number };
  sign: 1 | -1;
  version: number;
}

/** Marks a promise that is awaited later, or never, so that its failure is no unhandled rejection meanwhile. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
