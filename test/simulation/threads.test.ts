import { builtins } from '../../src/simulation/catalogue.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createCompute } from '../../src/compute/create.js';
import type { Backend } from '../../src/compute/engine.js';
import { chooseEngine } from '../../src/compute/engines.js';
import { loadConfig } from '../../src/sweep/load.js';
import { cnnMnist } from '../../src/models/cnn.js';
import { runExperiment } from '../../src/simulation/experiment.js';
import type { Row } from '../../src/simulation/driver.js';
import { tinyImages } from '../support/tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'byzsim-threads-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'config.yaml');
// More test images than one evaluation chunk, so that an evaluation is spread over threads.
const dataset = tinyImages(28, 64, 450);

const modes = {
  async: 'byzantine: {count: 3, lambda: 0.4, attack: sign-flip}\nupdates: 30\nevaluate: {every: 5}\n',
  'async, attacked at times':
    'byzantine: {count: 3, lambda: 0.4, attack: {attack: burst, from: 5, until: 20, as: label-flip}}\n' +
    'updates: 30\nevaluate: {every: 5}\n',
  sync:
    'mode: sync\nquorum: 6\ngradientClip: 2\nbyzantine: {count: 2, attack: little}\n' +
    'split: {dirichlet: 1}\nupdates: 6\nevaluate: {every: 1}\n',
  byzsgd:
    'mode: byzsgd\nbyzantine: {count: 2, attack: little, perServer: true}\n' +
    'servers: {count: 5, byzantine: 1, attack: random}\ngatherEvery: auto\nupdates: 12\nevaluate: {every: 2}\n',
};

async function run(mode: keyof typeof modes, backend: Backend, threads: number): Promise<Row[]> {
  writeFileSync(
    file,
    `dataset: digits
workers: 7
arrival: id-squared
aggregator: {rule: cwmed, meta: [ctma]}
optimizer: mu2-sgd
batchSize: 4
${modes[mode]}`,
  );
  const { config } = await loadConfig(file, [], builtins);
  const model = cnnMnist.create({}, dataset);
  const chosen = await chooseEngine({ backend, device: 'cpu' });
  const compute = await createCompute(chosen, { config: config.model, built: model }, dataset, threads);
  const rows: Row[] = [];
  try {
    for await (const row of runExperiment(config, { seed: 1, catalogue: builtins, dataset, model, compute }))
      rows.push(row);
  } finally {
    await compute.close();
  }
  return rows;
}

describe('rows are the same numbers to the last bit', () => {
  const cases = [
    ['async', 'onnx'],
    ['async', 'wasm'],
    ['async, attacked at times', 'onnx'],
    ['sync', 'onnx'],
    ['byzsgd', 'onnx'],
  ] as const;
  test.each(cases)(
    'in mode %s on %s for 1 thread, where nothing overlaps, and for 2 and 3',
    async (mode, backend) => {
      const serial = await run(mode, backend, 1);
      expect(serial).toHaveLength(6);
      expect(serial.at(-1)!.values.train_loss).toBeLessThan(serial[0].values.train_loss!);
      expect(await run(mode, backend, 2)).toEqual(serial);
      expect(await run(mode, backend, 3)).toEqual(serial);
    },
  );
});
