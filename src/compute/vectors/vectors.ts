/**
 * What the simulation, the aggregators and the attacks may do with vectors of d numbers. Two implementations: on the
 * host (typed arrays) and on the device (tensors). Callers never touch coordinates, and never see which one they have.
 */

/** A vector of `dimension` numbers. Opaque: only the `Vectors` that made it can read it. Immutable once made. */
export interface Vector {
  readonly dimension: number;
}

/** What a weighted median takes where the cumulative weight is exactly one half. */
export type Tie = 'lower' | 'midpoint' | 'upper';

/** Makes vectors of one dimension and does arithmetic on them. */
export interface Vectors {
  readonly dimension: number;

  /** A vector with these values (copied). */
  fromHost(values: ArrayLike<number>): Vector;

  /** The values, copied to the host. */
  toHost(vector: Vector): Float32Array | Float64Array;

  /** Σ coefficients[k] · vectors[k], summed in that order. A coefficient 0 skips its vector, whatever it holds. */
  combine(coefficients: readonly number[], vectors: readonly Vector[]): Vector;

  /** The stack whose row i is rows[i]. The rows are not copied and must outlive the stack. */
  stack(rows: readonly Vector[]): Stack;

  /**
   * As `stack`, for stacks that are made one after another and share most of their rows: what is found of one may serve
   * the next. Results are the same, to the bit. The rows of the last one must not have been released before it is used;
   * those of earlier ones may.
   */
  successive(): (rows: readonly Vector[]) => Stack;

  /** True when every coordinate is finite. */
  isFinite(vector: Vector): boolean;

  /**
   * Runs `body` and frees every vector made meanwhile, save the one it returns, if it returns one.
   * Rules run inside a scope, so they never free anything themselves.
   */
  scope<T extends Vector | string>(body: () => T): T;

  /** Frees a vector. It must not be used again. */
  release(vector: Vector): void;

  /** Says that a vector will not be used for some time, so that it may lie where there is more room. */
  rest(vector: Vector): void;
}

/**
 * An m x d stack of messages, one row a worker. Rows must be finite (see `aggregate`), sums run in row order, scalars
 * are float64. Weights are one nonnegative number a row, not necessarily normalised, with a positive sum.
 */
export interface Stack {
  /** m */
  readonly size: number;
  /** d */
  readonly dimension: number;

  row(index: number): Vector;

  /** The stack of some rows, in the order given. */
  select(indices: readonly number[]): Stack;

  /** Σ_i coefficients[i] · x_i, summed in row order; rows with coefficient 0 are skipped. */
  combine(coefficients: readonly number[]): Vector;

  /** The k x d stack whose row j is combine(coefficients[j]). */
  mix(coefficients: readonly (readonly number[])[]): Stack;

  /** m Euclidean distances |x_i - v|. @throws ExperimentError where one is beyond the range of float64 */
  distancesTo(vector: Vector): Float64Array;

  /** m x m Euclidean distances |x_i - x_j|: equal rows are exactly 0 apart. @throws as distancesTo */
  pairwiseDistances(): Float64Array[];

  /** m Euclidean norms |x_i|. @throws ExperimentError where one is beyond the range of float64 */
  norms(): Float64Array;

  /**
   * Per coordinate: sort the values and take the first whose cumulative weight exceeds half the total; where the
   * cumulative weight is exactly half, `tie` says: 'lower' the value that reaches it, 'upper' the next one,
   * 'midpoint' the mean of both. Rows of weight 0 never count.
   */
  weightedMedian(weights: readonly number[], tie: Tie): Vector;

  /** Per coordinate: drop the f smallest and the f largest values, mean of the rest. 0 <= 2f < m. */
  trimmedMean(f: number): Vector;

  /**
   * Per coordinate: the mean of the `keep` values nearest the median, which is what `tie` says where m is even; of two
   * equally near the smaller value comes first. 1 <= keep <= m.
   */
  meanAroundMedian(keep: number, tie: Tie): Vector;

  /**
   * Per coordinate: the weighted mean μ and deviation σ = sqrt(Σ w_i (x_i - μ)² / (Σ w_i - correction)).
   * correction 0: population; 1: sample (with unit weights). Σ w_i > correction.
   */
  moments(weights: readonly number[], correction?: number): { mean: Vector; deviation: Vector };
}

/** Ranks (0 is the smallest) of the two values that have the median of m values midway between them, or are it. */
export function middleRanks(m: number, tie: Tie): { lower: number; upper: number } {
  const [lower, upper] = [(m - 1) >> 1, m >> 1];
  return { lower: tie === 'upper' ? upper : lower, upper: tie === 'lower' ? lower : upper };
}
