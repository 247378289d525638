import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Config } from '../../src/config/config.js';
import { identify, runFolder, writtenHash } from '../../src/config/identity.js';
import { loadConfig } from '../../src/sweep/load.js';
import type { Mapping } from '../../src/base/mapping.js';
import { resolvedYaml } from '../../src/config/resolved-yaml.js';
import { builtins } from '../../src/simulation/catalogue.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-identity-'));
  writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n');
  writeFileSync(join(folder, 'trace.txt'), Array.from({ length: 50 }, (_, k) => (k % 4) + 1).join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function load(raw: unknown, overrides: string[] = [], name = 'x.yaml'): Promise<Config> {
  const file = join(folder, name);
  writeFileSync(file, typeof raw === 'string' ? raw : stringify(raw));
  return (await loadConfig(file, overrides, builtins)).config;
}

const hashOf = async (raw: unknown, overrides: string[] = []) =>
  (await identify(await load(raw, overrides))).hash;

const base = {
  dataset: 'mnist',
  workers: 17,
  arrival: 'id-squared',
  byzantine: { count: 8, lambda: 0.4, schedule: 'interval', attack: 'sign-flip' },
  aggregator: { rule: 'cwmed', meta: ['ctma'] },
  optimizer: 'mu2-sgd',
  updates: 3750,
};

test('weight decay 0 is the default, written out; any other is another experiment', async () => {
  const hash = await hashOf(base);
  expect(await hashOf(base, ['optimizer.weightDecay=0'])).toBe(hash);
  expect(await hashOf(base, ['optimizer.weightDecay=null'])).toBe(hash);
  expect(await hashOf(base, ['optimizer.weightDecay=1e-4'])).not.toBe(hash);
  const milestones = await hashOf(base, ['optimizer.milestones.at=[300,600]']);
  expect(milestones).not.toBe(hash);
  expect(await hashOf(base, ['optimizer.milestones={at: [300, 600], factor: 0.1}'])).toBe(milestones);
});

/** Valid configs of every shape, written in every way. */
const anyConfig = fc
  .record({
    points: fc.boolean(),
    workers: fc.integer({ min: 4, max: 40 }),
    count: fc.integer({ min: 0, max: 3 }),
    lambda: fc.constantFrom(undefined, 0, 0.1, 0.25, 0.4),
    schedule: fc.constantFrom(undefined, 'random', 'interval'),
    attack: fc.constantFrom(undefined, 'sign-flip', 'little', { attack: 'empire', factor: 0.5 }),
    aggregator: fc.constantFrom(
      'mean',
      'cwmed',
      { rule: 'cwmed', tie: 'midpoint', meta: ['ctma'] },
      {
        rule: 'geometric-median',
        weighted: false,
        tolerance: 1e-6,
        meta: [{ rule: 'ctma', lambda: 0.3 }],
      },
    ),
    optimizer: fc.constantFrom(
      'sgd',
      'mu2-sgd',
      { name: 'momentum', beta: 0.8 },
      { name: 'mu2-sgd', form: 'theory' },
    ),
    arrival: fc.constantFrom(
      undefined,
      'id',
      { process: 'pareto', speed: 'id', alpha: 1.5 },
      { trace: 'trace.txt' },
    ),
    batchSize: fc.option(fc.integer({ min: 1, max: 64 }), { nil: undefined }),
    updates: fc.integer({ min: 1, max: 50 }),
    every: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    seeds: fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 4 }),
  })
  .map(({ points, count, lambda, schedule, attack, every, ...rest }) => ({
    ...rest,
    ...(points
      ? { dataset: { points: 'points.csv' }, initial: [0.5, -2] }
      : { dataset: 'mnist', model: 'mlp' }),
    byzantine: { count, lambda: count > 0 ? (lambda ?? 0.3) : undefined, schedule, attack },
    evaluate: { every },
  }));

describe('the hash', () => {
  test('does not change with the order of keys', async () => {
    const reversed = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, entry]) => [key, reversed(entry)]),
          );
    await fc.assert(
      fc.asyncProperty(anyConfig, async (raw) => {
        expect(await hashOf(reversed(raw))).toBe(await hashOf(raw));
      }),
      { numRuns: 30 },
    );
  });

  test('survives the resolved config, which resolves to itself', async () => {
    await fc.assert(
      fc.asyncProperty(anyConfig, async (raw) => {
        const config = await load(raw);
        const again = await load(resolvedYaml(config), [], 'elsewhere.yaml');
        expect(again).toEqual(config);
        expect(await identify(again)).toEqual(await identify(config));
      }),
      { numRuns: 50 },
    );
  });

  test('is read off the resolved config as it was written, without what it was resolved from', async () => {
    const sum = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
    const sums = { dataset: [sum('points.csv')], trace: sum('trace.txt') };
    await fc.assert(
      fc.asyncProperty(anyConfig, async (raw) => {
        const config = await load(raw);
        const written = parse(resolvedYaml(config)) as Mapping;
        expect(writtenHash(written, sums)).toBe((await identify(config)).hash);
        const named = raw.dataset !== 'mnist' || (typeof raw.arrival === 'object' && 'trace' in raw.arrival);
        expect(writtenHash(written, {}) === undefined).toBe(named);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    'aggregator={rule: cwmed, weighted: true, tie: upper, meta: [{rule: ctma, lambda: 0.4}]}',
    'optimizer={name: mu2-sgd, learningRate: 0.01, form: fixed, beta: 0.25, gamma: 0.10}',
    'arrival={process: exponential, speed: id-squared}',
    'model={name: cnn-mnist}',
    'byzantine.attack={attack: sign-flip}',
    'mode=async',
    'batchSize=16.0',
    'evaluate={every: 150}',
    'seeds=[7]',
    'name=other',
  ])('does not change with %s, which says nothing new', async (override) => {
    expect(await hashOf(base, [override])).toBe(await hashOf(base));
  });

  test.each([
    [{ rule: 'mean-around-median' }, 'd6761959'],
    [{ rule: 'bulyan' }, '4329d1ca'],
    [{ rule: 'centered-clipping', start: 'cwmed' }, 'd019c596'],
  ])('of %j stays what it was before the rule had ties', async (aggregator, hash8) => {
    const plain = { ...base, byzantine: { count: 3 }, aggregator };
    expect((await hashOf(plain)).slice(0, 8)).toBe(hash8);
    expect(await hashOf(plain, ['aggregator.tie=lower'])).toBe(await hashOf(plain));
    expect(await hashOf(plain, ['aggregator.tie=midpoint'])).not.toBe(await hashOf(plain));
  });

  test('changes with every parameter', async () => {
    const overrides = [
      'dataset=digits',
      'model=mlp',
      'model={name: mlp, hidden: [50]}',
      'workers=18',
      'arrival=id',
      'arrival={process: lognormal, speed: id-squared}',
      'arrival={process: lognormal, speed: id-squared, sigma: 0.5}',
      'byzantine.count=7',
      'byzantine.lambda=0.39',
      'byzantine.schedule=random',
      'byzantine.attack=empire',
      'byzantine.attack={attack: empire, factor: 0.2}',
      'aggregator.rule=mean',
      'aggregator.weighted=false',
      'aggregator.tie=lower',
      'aggregator.meta=[]',
      'aggregator.meta.0.lambda=0.3',
      'optimizer=sgd',
      'optimizer.learningRate=0.02',
      'optimizer.beta=0.3',
      'optimizer.gamma=0.2',
      'optimizer.form=theory',
      'batchSize=8',
      'updates=3751',
      'evaluate.every=100',
    ];
    const hashes = await Promise.all(
      overrides.map(async (override, k) => {
        const config = await load(base, [override], `${k}.yaml`);
        return (await identify(config)).hash;
      }),
    );
    expect(new Set([...hashes, await hashOf(base)]).size).toBe(overrides.length + 1);
  });

  test('depends on what is in a file, not on where it is', async () => {
    const raw = { ...base, dataset: { points: 'points.csv' }, arrival: { trace: 'trace.txt' }, updates: 50 };
    const before = await hashOf(raw);
    mkdirSync(join(folder, 'moved'));
    copyFileSync(join(folder, 'points.csv'), join(folder, 'moved', 'p.csv'));
    copyFileSync(join(folder, 'trace.txt'), join(folder, 'moved', 't.txt'));
    const moved = { ...raw, dataset: { points: 'moved/p.csv' }, arrival: { trace: 'moved/t.txt' } };
    expect(await hashOf(moved)).toBe(before);
    writeFileSync(join(folder, 'moved', 'p.csv'), '1,2\n3,5\n');
    expect(await hashOf(moved)).not.toBe(before);
  });

  // A change here makes byzsim forget which runs are done: it needs a line in the changelog.
  test('stays the same from version to version', async () => {
    expect((await hashOf(base)).slice(0, 8)).toMatchInlineSnapshot(`"91e1fb18"`);
  });
});

describe('the slug', () => {
  test.each([
    ['byzantine.schedule=random', 'w-cwmed+ctma-sign-flip-mu2-sgd'],
    ['aggregator={rule: geometric-median, weighted: false}', 'geometric-median-sign-flip-mu2-sgd'],
    ['byzantine={count: 0}', 'w-cwmed+ctma-no-attack-mu2-sgd'],
    ['optimizer=momentum', 'w-cwmed+ctma-sign-flip-momentum'],
    ['byzantine.attack={attack: sleeper, from: 9, as: little}', 'w-cwmed+ctma-sleeper-little-mu2-sgd'],
  ])('of %s', async (override, slug) => {
    expect((await identify(await load(base, [override]))).slug).toBe(slug);
  });

  test('names the run folder, with the hash and the seed', async () => {
    const config = await load(base, ['name=figure-a']);
    const identity = await identify(config);
    expect(identity.hash8).toBe(identity.hash.slice(0, 8));
    const path = join('out', 'figure-a', `w-cwmed+ctma-sign-flip-mu2-sgd-${identity.hash8}`, 'seed-3');
    expect(runFolder('out', config, identity, 3)).toBe(path);
  });
});
