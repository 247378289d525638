import { z } from 'zod';
import { targetSize, type InputSpec } from '../data/dataset.js';
import { defineModel, sizeOf, type Model } from './model.js';
import { needsClasses, needsLabels, needsNumbers } from './needs.js';
import { classifier, dense, flatten, regressor, relu, sequence } from './network.js';

/** Dense layers of these widths with relu between them, on the flattened input; the last gives classes or a number. */
function build(name: string, hidden: readonly number[], input: InputSpec): Model {
  const widths = [sizeOf(input), ...hidden, targetSize(input)];
  const layers = widths.slice(1).map((width, k) => dense(`dense${k + 1}`, widths[k], width));
  const make = input.numeric ? regressor : classifier;
  return make(
    name,
    input,
    sequence(flatten(widths[0]), ...layers.flatMap((layer, k) => (k === 0 ? [layer] : [relu, layer]))),
  );
}

export const mlp = defineModel({
  name: 'mlp',
  summary: 'dense layers with relu on the flattened input',
  parameters: {
    hidden: z
      .array(z.int().min(1).max(100_000))
      .max(100)
      .default([100])
      .describe('widths of the hidden layers'),
  },
  needs: needsLabels,
  create: ({ hidden }, input) => build('mlp', hidden, input),
});

export const logistic = defineModel({
  name: 'logistic',
  summary: 'one dense layer: multinomial logistic regression',
  parameters: {},
  needs: needsClasses,
  create: (_, input) => build('logistic', [], input),
});

export const linear = defineModel({
  name: 'linear',
  summary: 'one dense layer: least squares, for labels that are numbers',
  parameters: {},
  needs: needsNumbers,
  create: (_, input) => build('linear', [], input),
});
