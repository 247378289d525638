import { expect, test, vi } from 'vitest';
import { SimdVectors } from '../../src/compute/vectors/simd.js';
import { Estimator } from '../../src/simulation/estimator.js';
import type { Parts } from '../../src/simulation/mode.js';

test('a reference gradient that waits for its worker rests outside the memory that kernels reach', async () => {
  const vectors = await SimdVectors.create(3);
  const rest = vi.spyOn(vectors, 'rest');
  const gradient = () => Promise.resolve({ loss: 1, vector: vectors.fromHost([1, 2, 3]) });
  const parts = { compute: { vectors, gradient }, optimizer: { usesReference: true } } as unknown as Parts;
  const estimator = new Estimator(parts, 'true');
  estimator.start(vectors.fromHost([0, 0, 0]), { indices: [] } as never);
  const { vector: reference } = (await estimator.underWay)!;
  await estimator.begin();
  expect(estimator.vector).not.toBe(reference);
  // As it came, and again after the first estimate was made of it.
  expect(rest.mock.calls).toEqual([[reference], [reference]]);
});
