import type { Dataset, DatasetDefinition } from '../../src/data/dataset.js';

export const spiral: DatasetDefinition = {
  name: 'spiral',
  title: 'a spiral',
  summary: 'points on a spiral',
  source: 'a test',
  parameters: {},
  input: { shape: [2], classes: 0 },
  model: 'quadratic',
  batchSize: 2,
  async load(): Promise<Dataset> {
    const count = 20;
    const inputs = new Float32Array(new SharedArrayBuffer(8 * count));
    for (let k = 0; k < count; k++) inputs.set([k * Math.cos(k), k * Math.sin(k)], 2 * k);
    const split = { count, inputs, labels: new Uint8Array(new SharedArrayBuffer(0)) };
    return {
      name: 'spiral',
      shape: [2],
      classes: 0,
      train: split,
      test: split,
      order: 'shuffled',
      checksums: {},
    };
  },
};
