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
}

/** A model, the gradient that a worker computed at it, and η of that step. */
interface Seen {
  model: Vector;
  gradient: Vector;
  learningRate: number;
}

/**
 * How a worker tells whether to keep to a model that it pulled between two gathers: by how fast the gradient changes
 * towards it, and by how far it is from where the worker expects it.
 */
export class Filters implements Stateful {
  /** All quotients |g(θ') - g(θ)| / |θ' - θ| seen so far, in ascending order. */
  private quotients: number[] = [];
  private accepted: Seen | undefined;
  /** η |g| at the last gather. */
  private unit = 0;

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

  /**
   * The worker keeps to a model (it and the gradient are copied).
   * @param gathered whether it is the first one since a gather
   */
  accept(model: Vector, gradient: Vector, learningRate: number, gathered: boolean): void {
    const { vectors } = this.setting;
    this.release();
    const copy = (vector: Vector) => vectors.combine([1], [vector]);
    this.accepted = { model: copy(model), gradient: copy(gradient), learningRate };
    if (gathered) this.unit = learningRate * vectors.stack([gradient]).norms()[0];
  }

  save(): Saved {
    const { quotients, accepted, unit } = this;
    const { vectors } = this.setting;
    return structuredClone({
      quotients,
      unit,
      accepted: accepted && {
        ...accepted,
        model: vectors.toHost(accepted.model),
        gradient: vectors.toHost(accepted.gradient),
      },
    });
  }

  load(saved: Saved): void {
    const { quotients, unit, accepted } = saved as SavedFilters;
    const { vectors } = this.setting;
    this.release();
    this.quotients = [...quotients];
    this.unit = unit;
    this.accepted = accepted && {
      ...accepted,
      model: vectors.fromHost(accepted.model),
      gradient: vectors.fromHost(accepted.gradient),
    };
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
    const { vectors, workers, byzantineWorkers } = this.setting;
    const { model: last, gradient, learningRate } = this.accepted!;
    const own = vectors.combine([1, -learningRate], [last, gradient]);
    const [distance] = vectors.stack([model]).distancesTo(own);
    vectors.release(own);
    const reach = ((3 * every + 2) * (workers - byzantineWorkers)) / (4 * byzantineWorkers) + 2 * steps;
    return !(distance > this.unit * reach);
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
  unit: number;
  accepted: { model: ArrayLike<number>; gradient: ArrayLike<number>; learningRate: number } | undefined;
}
