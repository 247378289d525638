import { z } from 'zod';
import type { InputSpec } from '../data/dataset.js';
import { defineModel, type Model } from './model.js';
import {
  batchNorm,
  classifier,
  convolution,
  dense,
  globalMean,
  relu,
  residual,
  sequence,
  type Layer,
} from './network.js';

/**
 * ResNet-18 in its form for small images (He et al. 2015, with a 3x3 stem and no max-pool): four stages of two blocks,
 * each stage with twice the channels and half the rows and columns of the one before.
 */
function build(width: number, input: InputSpec): Model {
  const stages = [1, 2, 4, 8].map((factor, k) => {
    const [inputs, outputs] = [k === 0 ? width : (factor / 2) * width, factor * width];
    const name = `stage${k + 1}`;
    return sequence(
      block(`${name}/block1`, inputs, outputs, k === 0 ? 1 : 2),
      block(`${name}/block2`, outputs, outputs, 1),
    );
  });
  return classifier(
    'resnet18',
    input,
    sequence(
      normalised('stem', 3, input.shape[2], width, 1),
      relu,
      ...stages,
      globalMean,
      dense('dense', 8 * width, input.classes),
    ),
  );
}

/** Two 3x3 convolutions beside a shortcut, which is a 1x1 convolution where the shape changes. */
function block(name: string, inputs: number, outputs: number, stride: 1 | 2): Layer {
  const body = sequence(
    normalised(`${name}/conv1`, 3, inputs, outputs, stride),
    relu,
    normalised(`${name}/conv2`, 3, outputs, outputs, 1),
  );
  const same = inputs === outputs && stride === 1;
  return same ? residual(body) : residual(body, normalised(`${name}/shortcut`, 1, inputs, outputs, stride));
}

/** A convolution without bias, then batch norm. */
function normalised(name: string, size: 1 | 3, inputs: number, outputs: number, stride: 1 | 2): Layer {
  return sequence(
    convolution(name, { size, inputs, outputs, stride, padding: size === 1 ? 'none' : 'half', bias: false }),
    batchNorm(`${name}/norm`, outputs),
  );
}

export const resnet18 = defineModel({
  name: 'resnet18',
  summary: 'ResNet-18 for small images: 3x3 stem, four stages of two blocks, d = 11,173,962 on CIFAR-10',
  parameters: {
    width: z
      .int()
      .min(1)
      .max(1024)
      .default(64)
      .describe('channels of the first stage; the others have 2, 4 and 8 times as many'),
  },
  needs: ({ shape, classes }) =>
    shape.length === 3 && Math.min(shape[0], shape[1]) >= 8 && classes > 1
      ? undefined
      : 'images with labels, 8x8 or larger',
  create: ({ width }, input) => build(width, input),
});
