import type { InputSpec } from '../data/dataset.js';
import { defineModel, type Model } from './model.js';
import { needsImages } from './needs.js';
import { batchNorm, classifier, convolution, dense, flatten, maxPool, relu, sequence } from './network.js';

/** Two 5x5 convolutions (20, 50 channels) with relu and 2x2 max-pool, dense 50, batch norm, relu, dense 10. */
function build(name: string, input: InputSpec): Model {
  const [size, , channels] = input.shape;
  const side = ((size - 4) / 2 - 4) / 2;
  const flat = side * side * 50;
  return classifier(
    name,
    input,
    sequence(
      convolution('conv1', { size: 5, inputs: channels, outputs: 20, padding: 'none' }),
      relu,
      maxPool,
      convolution('conv2', { size: 5, inputs: 20, outputs: 50, padding: 'none' }),
      relu,
      maxPool,
      flatten(flat),
      dense('dense1', flat, 50),
      batchNorm('norm', 50),
      relu,
      dense('dense2', 50, input.classes),
    ),
  );
}

export const cnnMnist = defineModel({
  name: 'cnn-mnist',
  summary: 'conv 5x5x20, conv 5x5x50, dense 50 with batch norm, dense 10 (d = 66,230), for 28x28x1 images',
  parameters: {},
  needs: needsImages([28, 28, 1]),
  create: (_, input) => build('cnn-mnist', input),
});

export const cnnCifar10 = defineModel({
  name: 'cnn-cifar10',
  summary: 'the network of cnn-mnist for 32x32x3 images (d = 89,730)',
  parameters: {},
  needs: needsImages([32, 32, 3]),
  create: (_, input) => build('cnn-cifar10', input),
});
