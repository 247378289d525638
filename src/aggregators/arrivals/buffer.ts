import type { Vector, Vectors } from '../../compute/vectors/vectors.js';

/** The sum of some messages; plain data, which is part of a rule's state. */
export interface Buffer {
  count: number;
  sum?: Float32Array | Float64Array;
}

/** Of no messages. */
export const empty: Buffer = { count: 0 };

/** With one message more. */
export function add({ count, sum }: Buffer, message: Vector, vectors: Vectors): Buffer {
  const next = sum ? vectors.combine([1, 1], [vectors.fromHost(sum), message]) : message;
  return { count: count + 1, sum: vectors.toHost(next) };
}

/** The mean of what a buffer, which is not empty, holds. */
export function meanOf({ count, sum }: Buffer, vectors: Vectors): Vector {
  return vectors.combine([1 / count], [vectors.fromHost(sum!)]);
}
