import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { TensorVectors } from '../../../src/compute/vectors/tensor.js';
import { describeStack } from './conformance.js';

describeStack('tensor (cpu backend)', async () => {
  await tf.setBackend('cpu');
  return {
    make: (dimension) => new TensorVectors(dimension, tf),
    tolerance: 1e-6,
    huge: 1e30,
    alive: () => tf.memory().numTensors,
  };
});
