import type { Vectors } from './vectors.js';
import { SimdVectors } from './simd.js';

/** Vectors in main memory, float32, the fastest there are. */
export function createHostVectors(dimension: number): Promise<Vectors> {
  return SimdVectors.create(dimension);
}
