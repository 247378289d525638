import { defineModel, layers, z } from 'byzsim';

/** Two dense layers with relu between them, on the flattened input. */
export default defineModel({
  name: 'NAME',
  summary: 'two dense layers with relu between them',
  parameters: {
    width: z.int().min(1).max(10_000).default(32).describe('of the hidden layer'),
  },
  // `input` says of what shape images are, and how many classes there are.
  create({ width }, input) {
    const size = input.shape.reduce((product, length) => product * length, 1);
    return layers.classifier(
      'NAME',
      input,
      layers.sequence(
        layers.flatten(size),
        layers.dense('hidden', size, width),
        layers.relu,
        layers.dense('output', width, input.classes),
      ),
    );
  },
});
