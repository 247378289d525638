import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createCompute } from '../../src/compute/create.js';
import { chooseEngine } from '../../src/compute/engines.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { createExperiment } from '../../src/simulation/experiment.js';
import { loadConfig } from '../../src/sweep/load.js';
import { collect } from '../support/run-config.js';
import { tinyImages } from '../support/tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'byzsim-shards-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'config.yaml');
writeFileSync(
  file,
  'dataset: digits\nmodel: logistic\nworkers: 5\naggregator: mean\noptimizer: sgd\nupdates: 4\nevaluate: {every: 2}\n',
);

/** 64 training images, 32 of each of two labels. */
const dataset = tinyImages();

async function play(...overrides: string[]) {
  const { config } = await loadConfig(file, overrides, builtins);
  const model = builtins.models.get('logistic')!.create({}, dataset);
  const engine = await chooseEngine({ backend: 'cpu', device: 'cpu' });
  const compute = await createCompute(engine, { config: config.model, built: model }, dataset, 1);
  try {
    const inputs = { seed: 1, catalogue: builtins, dataset, model, compute };
    const { shards, rows } = createExperiment(config, inputs);
    return { shards: shards!, rows: await collect(rows()) };
  } finally {
    await compute.close();
  }
}

const sizes = (shards: readonly { inputs: number }[]) => shards.map(({ inputs }) => inputs);

test.each(['async', 'sync'])('in mode %s a worker may have less than a batch', async (mode) => {
  const { shards, rows } = await play(`mode=${mode}`, 'workers=9', 'split=extreme', 'batchSize=20');
  expect(Math.max(...sizes(shards))).toBeLessThan(20);
  expect(rows.map(({ values }) => Number.isFinite(values.test_loss))).toEqual([true, true]);
});

test('there may be more workers than images of a label', async () => {
  const { shards, rows } = await play('mode=sync', 'workers=50', 'split=extreme', 'batchSize=2');
  expect(sizes(shards).reduce((sum, size) => sum + size, 0)).toBe(64);
  expect(Math.min(...sizes(shards))).toBe(1);
  expect(rows).toHaveLength(2);
});

test.each(['async', 'sync'])('in mode %s a worker without any is refused, with the numbers', async (mode) => {
  await expect(play(`mode=${mode}`, 'workers=65', 'split=extreme')).rejects.toThrow(
    /^invalid split: worker \d+ of 65 gets none of the 64 training inputs \(extreme, seed 1: take fewer workers or another split\)$/,
  );
  await expect(play(`mode=${mode}`, 'workers=30', 'split={dirichlet: 0.01}')).rejects.toThrow(
    /^invalid split: worker \d+ of 30 gets none of the 64 training inputs \(dirichlet: 0\.01, seed 1: take fewer workers, a larger α or another split\)$/,
  );
});
