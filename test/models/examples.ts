import type { InputSpec } from '../../src/data/dataset.js';
import { models } from '../../src/models/index.js';
import type { Model } from '../../src/models/model.js';

const mnist: InputSpec = { shape: [28, 28, 1], classes: 10 };
const cifar10: InputSpec = { shape: [32, 32, 3], classes: 10 };

const inputs: Record<string, InputSpec> = {
  'cnn-cifar10': cifar10,
  'simple-cifar10': cifar10,
  resnet18: { shape: [16, 16, 3], classes: 10 },
  quadratic: { shape: [3], classes: 0 },
};
const parameters: Record<string, object> = {
  mlp: { hidden: [50, 20] },
  resnet18: { width: 4 },
};

/** An instance of each model that is small enough to be compared on every engine. */
export function exampleModel(name: string): Model {
  return models.get(name)!.build((parameters[name] ?? {}) as never, inputs[name] ?? mnist);
}
