import { HostVectors } from '../../../src/compute/vectors/host.js';
import { describeStack } from './conformance.js';

describeStack('host float64', () => ({
  make: (dimension) => new HostVectors(dimension, Float64Array),
  tolerance: 1e-12,
  range: [1e-300, 1e300],
}));

describeStack('host float32', () => ({
  make: (dimension) => new HostVectors(dimension, Float32Array),
  tolerance: 1e-6,
  range: [1e-30, 1e37],
}));
