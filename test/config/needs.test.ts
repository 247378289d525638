import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCompute } from '../../src/compute/create.js';
import { chooseEngine } from '../../src/compute/engines.js';
import type { SimdVectors } from '../../src/compute/vectors/simd.js';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/sweep/load.js';
import { beyond, excess, memoryOf, needsOf, threadsWithin, type Machine } from '../../src/config/needs.js';
import { runExperiment } from '../../src/simulation/experiment.js';
import { builtins } from '../../src/simulation/catalogue.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-needs-'));
  writeFileSync(join(folder, 'points.csv'), '1,2,3\n4,5,6\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function load(dataset: string, overrides: string[] = []) {
  const file = join(folder, 'x.yaml');
  writeFileSync(file, `dataset: ${dataset}\nworkers: 20\naggregator: cwmed\noptimizer: sgd\nupdates: 300\n`);
  return loadConfig(file, overrides, builtins);
}

/** Vectors of the server's own, and a tenth of all. */
const around = (vectors: number) => 4 + 0.1 * vectors;

/** The most vectors that there are at the same time in a run. */
async function mostVectors(config: Config): Promise<number> {
  const dataset = await builtins.datasets.get(config.dataset.name)!.load(config.dataset, {});
  const model = builtins.models.get(config.model.name)!.create(config.model, dataset);
  const chosen = await chooseEngine({ backend: 'cpu', device: 'cpu' });
  const compute = await createCompute(chosen, { config: config.model, built: model }, dataset, 1);
  let most = 0;
  const onStep = () => (most = Math.max(most, (compute.vectors as SimdVectors).alive));
  try {
    const inputs = { seed: 1, catalogue: builtins, dataset, model, compute };
    for await (const { values } of runExperiment(config, inputs, { onStep }))
      expect(values.test_loss).toBeDefined();
  } finally {
    await compute.close();
  }
  return most;
}

describe('what a run has to hold', () => {
  test.each(['sgd', 'momentum', 'mu2-sgd'])('is as many vectors as a run has, with %s', async (optimizer) => {
    const { config, needs } = await load('{points: points.csv}', [`optimizer=${optimizer}`]);
    expect(needs.parameters).toBe(3);
    const vectors = needs.messages / (4 * 3);
    const most = await mostVectors(config);
    expect(Math.abs(most - vectors)).toBeLessThanOrEqual(around(vectors));
  });

  test.each([
    '{attack: burst, until: 200, as: little}',
    '{attack: stale, staleness: 100}',
    '{attack: sleeper, from: 9, as: {attack: stale, staleness: 20}}',
  ])('is as many vectors as a run has, under %s', async (attack) => {
    const words = [`byzantine={count: 4, lambda: 0.4, attack: ${attack}}`];
    const { config, needs } = await load('{points: points.csv}', words);
    const vectors = needs.messages / (4 * 3);
    const most = await mostVectors(config);
    expect(Math.abs(most - vectors)).toBeLessThanOrEqual(around(vectors));
  });

  test('is every message since where all answer in every step and some late', async () => {
    const under = (attack: string) =>
      load('{points: points.csv}', ['mode=sync', 'updates=40', `byzantine={count: 4, attack: ${attack}}`]);
    const { config, needs } = await under('{attack: stale, staleness: 20}');
    expect(needs.heldBack / (4 * 3)).toBe(4 * 20);
    const none = await under('none');
    // The one that is sent is held too.
    expect((await mostVectors(config)) - (await mostVectors(none.config))).toBe(4 * 21);
  });

  test('is less before all workers have arrived', async () => {
    const few = ['updates=5', 'optimizer=mu2-sgd'];
    const { config, needs } = await load('{points: points.csv}', few);
    const vectors = needs.messages / (4 * 3);
    expect(vectors).toBe(2 * (20 + 5));
    expect(Math.abs((await mostVectors(config)) - vectors)).toBeLessThanOrEqual(around(vectors));
  });

  test('counts what a rule of messages one by one keeps: of kardam a message and two models of each worker', async () => {
    const { needs } = await load('{points: points.csv}', ['aggregator=kardam']);
    expect(needs.kept / (4 * 3)).toBe(3 * 20);
  });

  // conv 24x24x20 from patches of 25, relu, pool 12x12x20; conv 8x8x50 from patches of 500, relu, pool 4x4x50; dense.
  test('is what a batch becomes on its way through the model', async () => {
    const { needs } = await load('mnist', ['batchSize=100']);
    const d = 66_230;
    const activations = 576 * (25 + 20) + 11_520 + 2880 + 64 * (500 + 50) + 3200 + 800 + 3 * 50 + 10;
    expect(needs).toEqual({
      parameters: d,
      messages: 4 * d * 40,
      heldBack: 0,
      used: 4 * d * 20,
      kept: 0,
      thread: 4 * (3 * d + 100 * activations),
    });
  });
});

describe('held against a machine', () => {
  const machine = (memory: number, messages?: number): Machine => ({ memory, messages });
  const on = async (where: Machine, overrides: string[], threads = 1) => {
    const { config, needs } = await load('mnist', overrides);
    return beyond(where, config, needs, threads).map(({ path, message }) => [path.join('.'), message]);
  };

  test('with room it may run', async () => {
    expect(await on(machine(1e9, 1e9), [])).toEqual([]);
  });

  test('too many workers: what they need, what there is, what to change', async () => {
    expect(await on(machine(1e12, 4.3e9), ['workers=10000', 'updates=10000'])).toEqual([]);
    const mixed = 'aggregator={rule: cwmed, weighted: false, meta: [nnm]}';
    expect(await on(machine(1e12, 4.3e9), ['workers=10000', 'updates=10000', mixed])).toEqual([
      [
        'workers',
        'invalid workers: 10000 (their messages of 66,230 numbers need 5.3 GB, and the engines on a CPU hold 4.3 GB: ' +
          'use fewer workers, a smaller model, or --backend tensorflow --device cuda)',
      ],
    ]);
    expect(await on(machine(2e9, 4.3e9), ['workers=4000', 'updates=10000'])).toEqual([
      [
        'workers',
        'invalid workers: 4000 (their messages of 66,230 numbers need 2.4 GB, 0.1 GB of it for what cwmed keeps of ' +
          'them, this machine has 2.0 GB: use fewer workers)',
      ],
    ]);
  });

  test('what a rule keeps of messages counts, where they stay', async () => {
    const many = ['workers=2000', 'updates=10000'];
    const { needs } = await load('mnist', many);
    expect(needs.kept).toBe(4 * 66_240 * (7 + 2 * 128));
    expect((await load('mnist', [...many, 'mode=sync'])).needs.kept).toBe(0);
    expect(await on(machine(1.1e9, 4.3e9), many)).toEqual([
      [
        'workers',
        'invalid workers: 2000 (their messages of 66,230 numbers need 1.2 GB, 0.1 GB of it for what cwmed keeps of ' +
          'them, this machine has 1.1 GB: use fewer workers)',
      ],
    ]);
  });

  test('messages held back for too long', async () => {
    const stale = 'byzantine={count: 5, attack: {attack: stale, staleness: 1000000}}';
    expect(await on(machine(1e12, 4.3e9), ['mode=sync', 'updates=10000', stale])).toEqual([
      [
        'byzantine.attack',
        'invalid attack: stale (the messages of 66,230 numbers that it holds back need 13.3 GB, and the engines on a CPU ' +
          'hold 4.3 GB: use less staleness, a smaller model, or --backend tensorflow --device cuda)',
      ],
    ]);
  });

  test('messages on a GPU whose memory is not known count for nothing', async () => {
    expect(await on(machine(1e9), ['workers=10000', 'updates=10000'])).toEqual([]);
  });

  test('too large a batch, and too many threads for it', async () => {
    expect(await on(machine(8e9, 4e9), ['batchSize=100000'])).toEqual([
      [
        'batchSize',
        'invalid batchSize: 100000 (a gradient takes 32.0 GB in all, this machine has 8.0 GB: use a smaller batch or model)',
      ],
    ]);
    expect(await on(machine(8e9, 4e9), ['batchSize=10000'])).toEqual([]);
    expect(await on(machine(8e9, 4e9), ['batchSize=10000'], 4)).toEqual([
      [
        'batchSize',
        'invalid batchSize: 10000 (a gradient in each of 4 threads takes 12.9 GB in all, this machine has 8.0 GB: ' +
          'use a smaller batch or model, or --threads 1)',
      ],
    ]);
    const { needs } = await load('mnist', ['batchSize=10000']);
    const threads = threadsWithin(machine(8e9, 4e9), needs);
    expect(threads).toBe(2);
    expect(memoryOf(machine(8e9, 4e9), needs, threads)).toBeLessThan(8e9);
    expect(memoryOf(machine(8e9, 4e9), needs, threads + 1)).toBeGreaterThan(8e9);
  });

  test('in validation it is a problem with its place', async () => {
    const file = join(folder, 'large.yaml');
    writeFileSync(
      file,
      'dataset: mnist\nworkers: 17\naggregator: cwmed\noptimizer: sgd\nupdates: 9\nbatchSize: 90000\n',
    );
    await expect(loadConfig(file, [], builtins, { machine: machine(8e9, 4e9) })).rejects.toThrow(
      'large.yaml:6:12: invalid batchSize: 90000 (a gradient takes',
    );
    await expect(loadConfig(file, [], builtins)).resolves.toHaveProperty('config');
  });
});

test('what no machine holds is refused everywhere', async () => {
  const { config } = await load('mnist');
  const resnet = builtins.models.get('resnet18')!.create({ width: 64 }, { shape: [32, 32, 3], classes: 10 });
  const many = { ...config, workers: 10_000, updates: 10_000 };
  expect(excess(many, needsOf(many, resnet, builtins)).map(({ message }) => message)).toEqual([
    'invalid workers: 10000 (their messages of 11,173,962 numbers need 893.9 GB, at most 512.0 GB: ' +
      'use fewer workers or a smaller model)',
  ]);
  expect(excess(config, needsOf(config, resnet, builtins))).toEqual([]);
});
