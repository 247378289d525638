import type { InputSpec } from '../data/dataset.js';
import { defineModel, type Model } from './model.js';
import { needsImages } from './needs.js';
import {
  batchNorm,
  classifier,
  convolution,
  dense,
  flatten,
  maxPool,
  relu,
  sequence,
  type Layer,
} from './network.js';

/** Two 5x5 convolutions (16, 32 channels), each with batch norm, relu and 2x2 max-pool, then one dense layer. */
function build(name: string, input: InputSpec): Model {
  const [size, , channels] = input.shape;
  const flat = (size / 4) ** 2 * 32;
  const block = (k: number, inputs: number, outputs: number): Layer =>
    sequence(
      convolution(`conv${k}`, { size: 5, inputs, outputs, padding: 'half' }),
      batchNorm(`norm${k}`, outputs),
      relu,
      maxPool,
    );
  return classifier(
    name,
    input,
    sequence(block(1, channels, 16), block(2, 16, 32), flatten(flat), dense('dense', flat, input.classes)),
  );
}

export const simpleMnist = defineModel({
  name: 'simple-mnist',
  summary:
    'conv 5x5x16, conv 5x5x32, each with batch norm and max-pool, dense 10 (d = 29,034), for 28x28x1 images',
  parameters: {},
  needs: needsImages([28, 28, 1]),
  create: (_, input) => build('simple-mnist', input),
});

export const simpleCifar10 = defineModel({
  name: 'simple-cifar10',
  summary: 'the network of simple-mnist for 32x32x3 images (d = 34,634)',
  parameters: {},
  needs: needsImages([32, 32, 3]),
  create: (_, input) => build('simple-cifar10', input),
});
