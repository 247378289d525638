import { cnnCifar10, cnnMnist } from './cnn.js';
import { linear, logistic, mlp } from './mlp.js';
import type { ModelDefinition } from './model.js';
import { quadratic } from './quadratic.js';
import { resnet18 } from './resnet.js';
import { simpleCifar10, simpleMnist } from './simple.js';

/** The models that come with byzsim. */
export const models = [
  cnnMnist,
  cnnCifar10,
  simpleMnist,
  simpleCifar10,
  resnet18,
  mlp,
  logistic,
  linear,
  quadratic,
] as ModelDefinition[];
