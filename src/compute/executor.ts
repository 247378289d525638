/**
 * One engine on one thread, holding one model: host arrays in, host arrays out. An executor knows nothing of workers,
 * data sets or order; it may be created in the main thread or in a worker thread.
 */
export interface Executor {
  readonly version: string;

  /**
   * @param parameters flat, d numbers
   * @param inputs [batch, ...shape], normalised, row-major
   * @param targets one-hot [batch, classes], or numbers [batch, 1] (empty when there are no labels)
   */
  gradient(
    parameters: Float32Array,
    inputs: Float32Array,
    targets: Float32Array,
    batch: number,
  ): Promise<HostGradient>;

  /** Evaluation-mode outputs, [batch, k] row-major. `statistics`: running statistics, flat. */
  predict(
    parameters: Float32Array,
    statistics: Float32Array,
    inputs: Float32Array,
    batch: number,
  ): Promise<Float32Array>;

  close(): Promise<void>;
}

export interface HostGradient {
  loss: number;
  /** d numbers; the caller's to keep. */
  gradient: Float32Array;
  /** The batch's means and unbiased variances, flat. */
  statistics: Float32Array;
}
