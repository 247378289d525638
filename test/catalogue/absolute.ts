import type * as TF from '@tensorflow/tfjs-core';
import { defineModel } from '../../src/models/model.js';

export const absolute = defineModel({
  name: 'absolute',
  summary: 'f(x; z) = Σ sqrt(1 + (x - z)²) on points',
  source: 'a test',
  parameters: {},
  needs: (input) => (input.classes === 0 ? undefined : 'points without labels'),
  create: (_, input) => ({
    name: 'absolute',
    input,
    keepsIterates: true,
    parameters: [{ name: 'x', shape: input.shape, initial: { constant: 0 } }],
    statistics: [],
    activations: input.shape[0],
    loss(tf, [x], inputs) {
      const lengths = tf.sqrt(tf.add(tf.square(tf.sub(x, inputs)), 1));
      return { loss: tf.mean(tf.sum(lengths, -1)), batchStatistics: [] };
    },
    predict: (tf, [x], _statistics, inputs) => tf.sub(x, inputs) as TF.Tensor2D,
    score: (difference) => ({
      loss: difference.reduce((sum, value) => sum + Math.sqrt(1 + value * value), 0),
    }),
  }),
});
