import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/base/random.js';
import { splits } from '../../../src/data/splits/index.js';
import { describeShards } from '../../../src/data/splits/split.js';

/** 600 inputs of ten labels, in no order. */
const labels = Uint8Array.from({ length: 600 }, (_, k) => (k * 7) % 10);
const data = { labels, classes: 10 };

function split(name: string, parameters: Record<string, number>, workers = 6, seed = 1): Uint32Array[] {
  const definition = splits.find((each) => each.name === name)!;
  return definition.create(parameters, data, workers, randomStream(seed, 'split'));
}

const cases: [string, Record<string, number>][] = [
  ['dirichlet', { dirichlet: 0.1 }],
  ['dirichlet', { dirichlet: 100 }],
  ['gamma', { gamma: 0.3 }],
  ['gamma', { gamma: 1 }],
  ['extreme', {}],
];

describe.each(cases)('%s %j', (name, parameters) => {
  test.each([1, 6, 17])('deals every input to one of %i workers', (workers) => {
    const shards = split(name, parameters, workers);
    expect(shards).toHaveLength(workers);
    const dealt = shards.flatMap((shard) => [...shard]).sort((a, b) => a - b);
    expect(dealt).toEqual([...labels.keys()]);
  });

  test('is the same for the same seed, and another for another', () => {
    expect(split(name, parameters)).toEqual(split(name, parameters));
    expect(split(name, parameters, 6, 2)).not.toEqual(split(name, parameters));
  });
});

/** How far the labels of shards are from even: 0 to 1. */
function unevenness(shards: readonly Uint32Array[]): number {
  const described = describeShards(shards, data);
  const distances = described.map(({ inputs, labels: counts }) =>
    counts.reduce((sum, count) => sum + Math.abs(count / inputs - 0.1), 0),
  );
  return distances.reduce((sum, distance) => sum + distance, 0) / (1.8 * distances.length);
}

test('dirichlet is the more even the larger α is', () => {
  const [small, one, large] = [0.05, 1, 1000].map((alpha) =>
    unevenness(split('dirichlet', { dirichlet: alpha })),
  );
  expect(small).toBeGreaterThan(one);
  expect(one).toBeGreaterThan(large);
  expect(large).toBeLessThan(0.1);
});

test('the mean share of a label is the same for all workers, as a Dirichlet distribution has it', () => {
  const shares = Array.from({ length: 200 }, (_, seed) => {
    const [first] = describeShards(split('dirichlet', { dirichlet: 0.5 }, 4, seed), data);
    return first.labels[0] / 60;
  });
  const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
  // Beta(0.5, 1.5): mean 1/4, variance 1/16; the bounds are four standard errors of 200 draws.
  expect(Math.abs(mean - 1 / 4)).toBeLessThan(4 * Math.sqrt(1 / 16 / 200));
  expect(Math.abs(variance - 1 / 16)).toBeLessThan(0.02);
});

test('gamma mixes in an even part; at 0 it is extreme, at 1 all shards are alike', () => {
  expect(split('gamma', { gamma: 0 })).toEqual(split('extreme', {}));
  const sizes = split('gamma', { gamma: 0.5 }).map(({ length }) => length);
  expect(sizes).toEqual(new Array(6).fill(100));
  expect(unevenness(split('gamma', { gamma: 1 }))).toBeLessThan(0.35);
  const half = unevenness(split('gamma', { gamma: 0.5 }));
  expect(half).toBeLessThan(unevenness(split('extreme', {})));
});

test('extreme gives a worker one label, or two where they meet', () => {
  for (const { labels: counts } of describeShards(split('extreme', {}, 10), data))
    expect(counts.filter((count) => count > 0)).toEqual([60]);
  for (const { labels: counts } of describeShards(split('extreme', {}, 17), data))
    expect(counts.filter((count) => count > 0).length).toBeLessThanOrEqual(2);
});
