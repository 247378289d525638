import type { Vector } from '../compute/vectors/vectors.js';

/** Where a worker's messages come from. It owns its vectors, and releases one when the next takes its place. */
export interface Source {
  /** What a worker that sends its messages sends now. */
  readonly vector: Vector;
  /** Steps that the server had made before the message was made, or before the model that it was computed at. */
  readonly version: number;
  /** Batch statistics that come with the message, until the server has taken them. */
  statistics?: Float32Array;
}
