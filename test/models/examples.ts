import { z } from 'zod';
import { isUserFiles, type InputSpec } from '../../src/data/dataset.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { datasets } from '../../src/data/index.js';
import type { Model } from '../../src/models/model.js';
import { someParameters } from '../support/parameters.js';

/** What data sets give models. */
const inputs: readonly InputSpec[] = [
  ...datasets.map(({ input }) => (isUserFiles(input) ? { shape: [3], classes: 0 } : input)),
  { shape: [3], classes: 0, numeric: true },
];

/** Smaller than what the definition has by itself. */
const smaller: Readonly<Record<string, { input?: InputSpec; parameters: object }>> = {
  mlp: { parameters: { hidden: [50, 20] } },
  resnet18: { input: { shape: [16, 16, 3], classes: 10 }, parameters: { width: 4 } },
};

/** An instance of each model that is small enough to be compared on every engine. */
export function exampleModel(name: string): Model {
  const model = builtins.models.get(name)!;
  const {
    input = inputs.find((input) => !model.needs?.(input))!,
    parameters = z.object(model.parameters).parse(someParameters(model.parameters)),
  } = smaller[name] ?? {};
  return model.create(parameters as never, input);
}
