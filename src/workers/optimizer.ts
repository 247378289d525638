import type { Vector, Vectors } from '../compute/vectors/vectors.js';

/**
 * What a worker sends, and how the server moves. A worker's message is a combination of its gradient g(x; z), its
 * previous message d, and the reference gradient g̃: of the same sample z, at the model the worker saw before.
 */
export interface Optimizer {
  /** Whether messages need the reference gradient. */
  readonly usesReference: boolean;
  /**
   * Coefficients of the next message. `count`: the worker's messages so far, the first one included (its s_i).
   * The first message is the gradient itself.
   */
  message(count: number): { gradient: number; previous: number; reference: number };
  /** The server's state, starting at x_0 (copied). */
  server(vectors: Vectors, start: Vector): Server;
}

export interface Server {
  /** x, the current model; valid until the next step. */
  readonly model: Vector;
  /** Moves by an aggregate A. */
  step(aggregate: Vector): void;
}

/** x ← x - η A. */
export class GradientStep implements Server {
  model: Vector;

  constructor(
    private readonly vectors: Vectors,
    start: Vector,
    private readonly learningRate: number,
  ) {
    this.model = vectors.combine([1], [start]);
  }

  step(aggregate: Vector): void {
    const previous = this.model;
    this.model = this.vectors.combine([1, -this.learningRate], [previous, aggregate]);
    this.vectors.release(previous);
  }
}
