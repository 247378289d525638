import { HostVectors } from './host.js';
import type { Vectors } from './vectors.js';

/** Vectors in main memory, float32, the fastest there are. */
export async function createHostVectors(dimension: number): Promise<Vectors> {
  return new HostVectors(dimension, Float32Array);
}
