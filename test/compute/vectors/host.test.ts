import { HostVectors } from '../../../src/compute/vectors/host.js';
import { describeStack } from './conformance.js';

describeStack('host float64', () => ({
  make: (dimension) => new HostVectors(dimension, Float64Array),
  tolerance: 1e-12,
  huge: 1e30,
}));

describeStack('host float32', () => ({
  make: (dimension) => new HostVectors(dimension, Float32Array),
  tolerance: 1e-6,
  huge: 1e30,
}));
