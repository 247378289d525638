import { SimdVectors } from '../../../src/compute/vectors/simd.js';
import { compileStackKernels } from '../../../src/compute/kernels/stack.js';
import { describeStack } from './conformance.js';

describeStack('SIMD', async () => {
  const module = await compileStackKernels();
  return { make: (dimension) => new SimdVectors(dimension, module), tolerance: 1e-6, huge: 1e30 };
});
