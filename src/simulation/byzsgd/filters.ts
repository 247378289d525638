import type { Saved, Stateful } from '../../base/state.js';
import type { Vector, Vectors } from '../../compute/vectors/vectors.js';

/** What the two filters of the synchronous variant depend on. */
export interface FilterSetting {
  vectors: Vectors;
  /** n_ps and f_ps. */
  servers: number;
  byzantineServers: number;
  /** n_w and f_w. */
  workers: number;
  byzantineWorkers: number;
  /** η */
  learningRate: number;
}

/** A model, and the gradient that a worker computed at it. */
interface Seen {
  model: Vector;
  gradient: Vector;
}

/**
 * How a worker tells whether to keep to a model that it pulled between two gathers: by how fast the gradient changes
 * towards it, and by how far it is from where the worker expects it.
 */
export class Filters implements Stateful {
  /** All quotients |g(θ') - g(θ)| / |θ' - θ| seen so far, in ascending order. */
  private quotients: number[] = [];
  private accepted: Seen | undefined;
  /** |g| at the last gather. */
  private norm = 0;

  constructor(private readonly setting: FilterSetting) {}

  /**
   * @param steps (t - 1) mod T, made since the last gather
   * @param every T
   */
  passes(model: Vector, gradient: Vector, steps: number, every: number): boolean {
    // Both look at every model: what is beyond one filter counts among the quotients of the other.
    const smooth = this.isSmooth(model, gradient);
    return this.isNear(model, steps, every) && smooth;
  }

  /** The worker keeps to a model (both are copied). @param gathered whether it is the first one since a gather */
  accept(model: Vector, gradient: Vector, gathered: boolean): void {
    const { vectors } = this.setting;
    this.release();
    this.accepted = { model: vectors.combine([1], [model]), gradient: vectors.combine([1], [gradient]) };
    if (gathered) [this.norm] = vectors.stack([gradient]).norms();
  }

  save(): Saved {
    const { quotients, accepted, norm } = this;
    const { vectors } = this.setting;
    return structuredClone({
      quotients,
      norm,
      model: accepted && vectors.toHost(accepted.model),
      gradient: accepted && vectors.toHost(accepted.gradient),
    });
  }

  load(saved: Saved): void {
    const { quotients, norm, model, gradient } = saved as SavedFilters;
    const { vectors } = this.setting;
    this.release();
    this.quotients = [...quotients];
    this.norm = norm;
    this.accepted = model &&
      gradient && { model: vectors.fromHost(model), gradient: vectors.fromHost(gradient) };
  }

  /** Lipschitz: the quotient must not exceed the (n_ps - f_ps)/n_ps quantile of those seen before. */
  private isSmooth(model: Vector, gradient: Vector): boolean {
    const { vectors, servers, byzantineServers } = this.setting;
    const last = this.accepted!;
    const [distance] = vectors.stack([model]).distancesTo(last.model);
    // The very same model: gradients differ by their samples alone.
    if (distance === 0) return true;
    const quotient = vectors.stack([gradient]).distancesTo(last.gradient)[0] / distance;
    const { quotients } = this;
    const rank = Math.ceil(((servers - byzantineServers) / servers) * quotients.length);
    const passes = quotients.length === 0 || quotient <= quotients[rank - 1];
    const place = quotients.findIndex((other) => other > quotient);
    quotients.splice(place < 0 ? quotients.length : place, 0, quotient);
    return passes;
  }

  /** Outliers: |θ' - θ_local| ≤ η |g| ((3T+2)(n_w - f_w)/(4 f_w) + 2((t-1) mod T)), θ_local the worker's own next model. */
  private isNear(model: Vector, steps: number, every: number): boolean {
    const { vectors, learningRate, workers, byzantineWorkers } = this.setting;
    const { model: last, gradient } = this.accepted!;
    const own = vectors.combine([1, -learningRate], [last, gradient]);
    const [distance] = vectors.stack([model]).distancesTo(own);
    vectors.release(own);
    const reach = ((3 * every + 2) * (workers - byzantineWorkers)) / (4 * byzantineWorkers) + 2 * steps;
    return !(distance > learningRate * this.norm * reach);
  }

  private release(): void {
    const { vectors } = this.setting;
    if (!this.accepted) return;
    vectors.release(this.accepted.model);
    vectors.release(this.accepted.gradient);
  }
}

interface SavedFilters {
  quotients: number[];
  norm: number;
  model: ArrayLike<number> | undefined;
  gradient: ArrayLike<number> | undefined;
}
