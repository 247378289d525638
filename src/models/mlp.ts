import { z } from 'zod';
import type * as TF from '@tensorflow/tfjs-core';
import type { InputSpec } from '../data/dataset.js';
import { affine, crossEntropy, scoreLogits } from './layers.js';
import { defineModel, sizeOf, type Model, type Ops } from './model.js';

/** Dense layers of these widths with relu between them, on the flattened input. */
function build(name: string, hidden: readonly number[], input: InputSpec): Model {
  const widths = [sizeOf(input), ...hidden, input.classes];
  const layers = widths.slice(1).map((width, k) => affine(`dense${k + 1}`, [widths[k], width], widths[k]));

  function logits(tf: Ops, p: TF.Tensor[], inputs: TF.Tensor): TF.Tensor2D {
    let x = tf.reshape(inputs, [-1, widths[0]]) as TF.Tensor2D;
    for (let k = 0; k < layers.length; k++) {
      x = tf.add(tf.matMul(x, p[2 * k] as TF.Tensor2D), p[2 * k + 1]);
      if (k < layers.length - 1) x = tf.relu(x);
    }
    return x;
  }

  return {
    name,
    input,
    parameters: layers.flat(),
    statistics: [],
    loss: (tf, p, inputs, targets) => ({
      loss: crossEntropy(tf, logits(tf, p, inputs), targets),
      batchStatistics: [],
    }),
    predict: (tf, p, _, inputs) => logits(tf, p, inputs),
    score: scoreLogits,
  };
}

const needsLabels = (input: InputSpec) => (input.classes > 1 ? undefined : 'a data set with labels');

export const mlp = defineModel({
  name: 'mlp',
  summary: 'dense layers with relu on the flattened input',
  parameters: {
    hidden: z.array(z.int().min(1).max(100_000)).default([100]).describe('widths of the hidden layers'),
  },
  needs: needsLabels,
  build: ({ hidden }, input) => build('mlp', hidden, input),
});

export const logistic = defineModel({
  name: 'logistic',
  summary: 'one dense layer: multinomial logistic regression',
  parameters: {},
  needs: needsLabels,
  build: (_, input) => build('logistic', [], input),
});
