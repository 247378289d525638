import type { Saved, Stateful } from '../base/state.js';
import type { Gradient } from '../compute/compute.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import type { Batch } from '../data/dataset.js';
import type { Parts } from './mode.js';
import type { RunningStatistics } from './statistics.js';

/** Who is told of the batch statistics that come with a worker's gradients. */
export type StatisticsSink = Pick<RunningStatistics, 'fold'>;

/**
 * A worker: its sample, its estimator, and the message that the server holds of it. A gradient is dispatched as soon as
 * the model and the sample are known and awaited when the message arrives, so that a pool of threads stays busy.
 */
export class Worker implements Stateful {
  /** s_i: messages sent so far, the first one included. 0: not started. */
  count = 0;
  /** Whether the current message is finite. */
  finite = true;
  /** Training loss of the current message's gradient. */
  loss = NaN;
  /** Steps made before the model that the current message was computed at. */
  version = 0;
  current!: Vector;

  readonly byzantine: boolean;
  /** The sample of the next gradient. */
  private sample: Batch | undefined;
  /** g̃: the gradient of the sample at the model this worker saw last. */
  private reference: Promise<Gradient> | undefined;
  /** What is to replace the current message; undefined where nothing is under way. */
  private next: Dispatched | { message: Vector } | undefined;

  /**
   * @param statistics of the server, or whoever passes them on to several
   * @param id 0-based; the last ones are Byzantine
   * @param counts whether its weight grows with every message; if not, it is 1
   */
  constructor(
    private readonly parts: Parts,
    private readonly statistics: StatisticsSink,
    private readonly id: number,
    private readonly counts = true,
  ) {
    this.byzantine = id >= parts.workers - parts.byzantine;
  }

  /** What its current message weighs. */
  get weight(): number {
    return this.counts ? this.count : 1;
  }

  /** Whether it makes its messages from the others'. */
  get crafts(): boolean {
    return this.estimator === undefined;
  }

  /** How this worker estimates gradients, or undefined where it makes its messages from the others'. */
  private get estimator(): { labels: 'true' | 'flipped'; sign: 1 | -1 } | undefined {
    if (!this.byzantine) return { labels: 'true', sign: 1 };
    return this.parts.attack.kind === 'estimator' ? this.parts.attack : undefined;
  }

  /** Draws the first sample and dispatches its gradient. */
  start(model: Vector): void {
    this.sample = this.parts.drawBatch(this.id);
    if (this.estimator) this.reference = this.gradient(model, this.estimator.labels);
  }

  /** Makes the first message: the gradient itself, which is its own reference too. */
  async begin(workers: readonly Worker[]): Promise<void> {
    const { vectors } = this.parts.compute;
    this.count = 1;
    if (this.estimator && this.reference) {
      const { vector, loss, statistics } = await this.reference;
      this.loss = loss;
      this.statistics.fold(statistics);
      this.current = vectors.combine([this.estimator.sign], [vector]);
      if (!this.parts.optimizer.usesReference) {
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
    this.count++;
    const { next } = this;
    if (next === undefined) return;
    this.next = undefined;
    const { vectors } = this.parts.compute;
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
      this.loss = loss;
      this.version = next.version;
      this.statistics.fold(statistics);
      vectors.release(vector);
      if (reference) vectors.release(reference.vector);
    }
    vectors.release(previous);
    this.finite = vectors.isFinite(this.current);
  }

  /**
   * Dispatches the gradient of its sample at the model the worker sees now.
   * @param version steps made before that model
   * @param count which of the worker's messages is made of it (its s_i)
   */
  dispatch(model: Vector, version: number, count: number): void {
    if (!this.estimator) return;
    this.next = {
      gradient: this.gradient(model, this.estimator.labels),
      reference: this.reference,
      coefficients: this.parts.optimizer.message(count),
      sign: this.estimator.sign,
      version,
    };
    this.reference = undefined;
  }

  /** The gradient under way, before the estimator makes a message of it; it must not be released. */
  get underWay(): Promise<Gradient> | undefined {
    if (this.count === 0) return this.reference;
    return this.next && 'gradient' in this.next ? this.next.gradient : undefined;
  }

  /** Takes the gradient of the same sample at another model in place of the one under way. */
  redirect(model: Vector): void {
    const { next, estimator } = this;
    if (!next || 'message' in next || !estimator) return;
    const { vectors } = this.parts.compute;
    void handled(next.gradient.then(({ vector }) => vectors.release(vector)));
    next.gradient = this.gradient(model, estimator.labels);
  }

  /**
   * How fast the gradient changes along itself: |g(x - ηg) - g(x)| / |ηg| on the sample of the gradient g under way at x.
   * NaN where g is 0 or none is under way.
   */
  async lipschitz(model: Vector, learningRate: number): Promise<number> {
    const { vectors } = this.parts.compute;
    const { sample, underWay, estimator } = this;
    if (!sample || !underWay || !estimator) return NaN;
    const { vector: gradient } = await underWay;
    const ahead = vectors.combine([1, -learningRate], [model, gradient]);
    const pending = this.gradient(ahead, estimator.labels, sample);
    const [step] = vectors.stack([model]).distancesTo(ahead);
    vectors.release(ahead);
    const { vector: other } = await pending;
    const [change] = vectors.stack([other]).distancesTo(gradient);
    vectors.release(other);
    return change / step;
  }

  /**
   * Draws the next sample; at the updated model, dispatches its reference gradient or makes the message.
   * @param model needed where messages use a reference gradient
   * @param workers whose messages it knows, where it makes its own from them
   */
  prepare(model: Vector | undefined, workers: readonly Worker[]): void {
    this.sample = this.parts.drawBatch(this.id);
    if (!this.estimator) {
      const message = this.craft(workers);
      this.parts.compute.vectors.rest(message);
      this.next = { message };
    } else if (this.parts.optimizer.usesReference)
      this.reference = this.gradient(model!, this.estimator.labels);
  }

  async save(): Promise<Saved> {
    const { count, finite, loss, version, sample, current, next } = this;
    const { vectors } = this.parts.compute;
    const host = (vector: Vector) => vectors.toHost(vector);
    const saved: SavedWorker = {
      count,
      finite,
      loss,
      version,
      sample,
      current: current && host(current),
      reference: await saveGradient(this.reference, host),
      next:
        next &&
        ('message' in next
          ? { message: host(next.message) }
          : {
              ...next,
              gradient: (await saveGradient(next.gradient, host))!,
              reference: await saveGradient(next.reference, host),
            }),
    };
    return structuredClone(saved);
  }

  load(saved: Saved): void {
    const { current, reference, next, ...plain } = saved as SavedWorker;
    const { vectors } = this.parts.compute;
    const vector = (values: ArrayLike<number>) => {
      const waiting = vectors.fromHost(values);
      vectors.rest(waiting);
      return waiting;
    };
    Object.assign(this, plain);
    if (current) this.current = vectors.fromHost(current);
    this.reference = loadGradient(reference, vector);
    this.next =
      next &&
      ('message' in next
        ? { message: vector(next.message) }
        : {
            ...next,
            gradient: loadGradient(next.gradient, vector)!,
            reference: loadGradient(next.reference, vector),
          });
  }

  private gradient(
    model: Vector,
    labels: 'true' | 'flipped',
    sample: Batch = this.sample!,
  ): Promise<Gradient> {
    const { compute, gradientClip } = this.parts;
    const { vectors } = compute;
    return handled(
      compute.gradient(model, sample, labels).then((whole) => {
        const gradient = gradientClip === undefined ? whole : clip(whole, gradientClip, vectors);
        vectors.rest(gradient.vector);
        return gradient;
      }),
    );
  }

  /** A message made from the honest workers' current ones. */
  private craft(workers: readonly Worker[]): Vector {
    const { attack } = this.parts;
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
interface Dispatched extends Terms {
  gradient: Promise<Gradient>;
  reference: Promise<Gradient> | undefined;
}

/** How a message is made of its gradients. */
interface Terms {
  coefficients: { gradient: number; previous: number; reference: number };
  sign: 1 | -1;
  version: number;
}

type Values = Float32Array | Float64Array;

interface SavedGradient extends Omit<Gradient, 'vector'> {
  vector: Values;
}

interface SavedWorker extends Pick<Worker, 'count' | 'finite' | 'loss' | 'version'> {
  sample: Batch | undefined;
  current: Values | undefined;
  reference: SavedGradient | undefined;
  next:
    | { message: Values }
    | (Terms & { gradient: SavedGradient; reference: SavedGradient | undefined })
    | undefined;
}

async function saveGradient(
  pending: Promise<Gradient> | undefined,
  host: (vector: Vector) => Values,
): Promise<SavedGradient | undefined> {
  const gradient = await pending;
  return gradient && { ...gradient, vector: host(gradient.vector) };
}

function loadGradient(
  saved: SavedGradient | undefined,
  vector: (values: ArrayLike<number>) => Vector,
): Promise<Gradient> | undefined {
  return saved && Promise.resolve({ ...saved, vector: vector(saved.vector) });
}

/** The gradient, cut to a length. */
function clip(gradient: Gradient, length: number, vectors: Vectors): Gradient {
  const { vector } = gradient;
  const [norm] = vectors.stack([vector]).norms();
  if (!(norm > length)) return gradient;
  const cut = vectors.combine([length / norm], [vector]);
  vectors.release(vector);
  return { ...gradient, vector: cut };
}

/** Marks a promise that is awaited later, or never, so that its failure is no unhandled rejection meanwhile. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
