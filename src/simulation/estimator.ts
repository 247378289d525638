import type { Saved, Stateful } from '../base/state.js';
import type { Gradient } from '../compute/compute.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import type { Batch } from '../data/dataset.js';
import type { Parts } from './mode.js';
import type { Source } from './source.js';

/**
 * What makes the messages of an honest worker, or of one whose labels are flipped: the estimate is a combination of a new
 * gradient, the estimate before and a reference gradient. A gradient is dispatched as soon as the model and the sample are
 * known and awaited when the message arrives, so that a pool of threads stays busy.
 */
export class Estimator implements Source, Stateful {
  /** `sign` times the estimate. */
  vector!: Vector;
  /** Training loss of the estimate's gradient. */
  loss = NaN;
  version = 0;
  statistics: Float32Array | undefined;

  private sign: 1 | -1 = 1;
  /** g̃: the gradient of the sample at the model this worker saw last. */
  private reference: Promise<Gradient> | undefined;
  /** What the next estimate is made of; undefined where nothing is under way. */
  private next: Dispatched | undefined;

  constructor(
    private readonly parts: Pick<Parts, 'compute' | 'optimizer' | 'gradientClip'>,
    private readonly labels: 'true' | 'flipped',
  ) {}

  /** Dispatches the gradient of the first sample. */
  start(model: Vector, sample: Batch): void {
    this.reference = this.gradient(model, sample);
  }

  /** The first estimate: the gradient itself, which is its own reference too. */
  async begin(): Promise<void> {
    const { compute, optimizer } = this.parts;
    const { vector, loss, statistics } = await this.reference!;
    this.vector = compute.vectors.combine([1], [vector]);
    this.loss = loss;
    this.statistics = statistics;
    if (optimizer.usesReference) {
      // The copy was made where kernels reach; there it would stay until the worker arrives.
      compute.vectors.rest(vector);
      return;
    }
    compute.vectors.release(vector);
    this.reference = undefined;
  }

  /** Makes the next estimate, if a gradient is under way. @returns whether one was */
  async renew(): Promise<boolean> {
    const { next, sign, vector: previous } = this;
    if (!next) return false;
    this.next = undefined;
    const { vectors } = this.parts.compute;
    const { vector, loss, statistics } = await next.gradient;
    const reference = await next.reference;
    const { coefficients: c } = next;
    this.vector = vectors.combine(
      [sign * c.gradient, c.previous, sign * c.reference],
      [vector, previous, reference?.vector ?? previous],
    );
    this.loss = loss;
    this.version = next.version;
    this.statistics = statistics;
    vectors.release(vector);
    vectors.release(previous);
    if (reference) vectors.release(reference.vector);
    return true;
  }

  /** From now on the vector is so many times the estimate. */
  turn(sign: 1 | -1): void {
    if (sign === this.sign) return;
    const { vectors } = this.parts.compute;
    const previous = this.vector;
    this.vector = vectors.combine([-1], [previous]);
    this.sign = sign;
    vectors.release(previous);
  }

  /**
   * Dispatches the gradient of a sample for the next estimate.
   * @param version steps made before the model
   * @param count which of the worker's messages is made of it (its s_i)
   */
  dispatch(model: Vector, sample: Batch, version: number, count: number): void {
    this.next = {
      gradient: this.gradient(model, sample),
      reference: this.reference,
      coefficients: this.parts.optimizer.message(count),
      version,
    };
    this.reference = undefined;
  }

  /** Dispatches the reference gradient of a sample. */
  refer(model: Vector, sample: Batch): void {
    this.reference = this.gradient(model, sample);
  }

  /** The gradient under way, before an estimate is made of it; it must not be released. */
  get underWay(): Promise<Gradient> | undefined {
    return this.vector ? this.next?.gradient : this.reference;
  }

  /** Takes the gradient of the same sample at another model in place of the one under way. */
  redirect(model: Vector, sample: Batch): void {
    const { next } = this;
    if (!next) return;
    const { vectors } = this.parts.compute;
    void handled(next.gradient.then(({ vector }) => vectors.release(vector)));
    next.gradient = this.gradient(model, sample);
  }

  /** As `Worker.lipschitz`, of the gradient under way. */
  async lipschitz(model: Vector, sample: Batch, learningRate: number): Promise<number> {
    const { vectors } = this.parts.compute;
    const { underWay } = this;
    if (!underWay) return NaN;
    const { vector: gradient } = await underWay;
    const ahead = vectors.combine([1, -learningRate], [model, gradient]);
    const pending = this.gradient(ahead, sample);
    const [step] = vectors.stack([model]).distancesTo(ahead);
    vectors.release(ahead);
    const { vector: other } = await pending;
    const [change] = vectors.stack([other]).distancesTo(gradient);
    vectors.release(other);
    return change / step;
  }

  async save(): Promise<Saved> {
    const { vector, loss, version, statistics, sign, next } = this;
    const { vectors } = this.parts.compute;
    const host = (own: Vector) => vectors.toHost(own);
    const saved: SavedEstimator = {
      vector: vector && host(vector),
      loss,
      version,
      statistics,
      sign,
      reference: await saveGradient(this.reference, host),
      next: next && {
        ...next,
        gradient: (await saveGradient(next.gradient, host))!,
        reference: await saveGradient(next.reference, host),
      },
    };
    return structuredClone(saved);
  }

  load(saved: Saved): void {
    const { vector, reference, next, ...plain } = saved as SavedEstimator;
    const { vectors } = this.parts.compute;
    const own = (values: ArrayLike<number>) => {
      const waiting = vectors.fromHost(values);
      vectors.rest(waiting);
      return waiting;
    };
    Object.assign(this, plain);
    if (vector) this.vector = vectors.fromHost(vector);
    this.reference = loadGradient(reference, own);
    this.next = next && {
      ...next,
      gradient: loadGradient(next.gradient, own)!,
      reference: loadGradient(next.reference, own),
    };
  }

  private gradient(model: Vector, sample: Batch): Promise<Gradient> {
    const { compute, gradientClip } = this.parts;
    const { vectors } = compute;
    return handled(
      compute.gradient(model, sample, this.labels).then((whole) => {
        const gradient = gradientClip === undefined ? whole : clip(whole, gradientClip, vectors);
        vectors.rest(gradient.vector);
        return gradient;
      }),
    );
  }
}

/** An estimate whose gradient is being computed. */
interface Dispatched {
  gradient: Promise<Gradient>;
  reference: Promise<Gradient> | undefined;
  coefficients: { gradient: number; previous: number; reference: number };
  version: number;
}

type Values = Float32Array | Float64Array;

interface SavedGradient extends Omit<Gradient, 'vector'> {
  vector: Values;
}

interface SavedEstimator extends Pick<Estimator, 'loss' | 'version' | 'statistics'> {
  vector: Values | undefined;
  sign: 1 | -1;
  reference: SavedGradient | undefined;
  next:
    | (Omit<Dispatched, 'gradient' | 'reference'> & {
        gradient: SavedGradient;
        reference: SavedGradient | undefined;
      })
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
