import type * as TF from '@tensorflow/tfjs-core';
import { targetSize } from '../data/dataset.js';
import { defineModel, sizeOf } from './model.js';

/** f(x; z) = ½|x - z|² on rows z of a points file: the iterates can be followed by hand. */
export const quadratic = defineModel({
  name: 'quadratic',
  summary: 'f(x; z) = ½|x - z|² on points; writes every evaluated iterate to iterates.csv',
  parameters: {},
  needs: (input) =>
    input.shape.length === 1 && targetSize(input) === 0 ? undefined : 'points without labels',
  create: (_, input) => ({
    name: 'quadratic',
    input,
    keepsIterates: true,
    parameters: [{ name: 'x', shape: input.shape, initial: { constant: 0 } }],
    statistics: [],
    activations: 2 * sizeOf(input),
    loss(tf, [x], inputs) {
      const squares = tf.sum(tf.square(tf.sub(x, inputs)), -1);
      return { loss: tf.mul(tf.mean(squares), 0.5), batchStatistics: [] };
    },
    predict: (tf, [x], _statistics, inputs) => tf.sub(x, inputs) as TF.Tensor2D,
    score: (difference) => ({ loss: difference.reduce((sum, value) => sum + value * value, 0) / 2 }),
  }),
});
