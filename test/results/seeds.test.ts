import { expect, test } from 'vitest';
import type { RunSummary } from '../../src/results/run-folder.js';
import { summarizeSeeds } from '../../src/results/seeds.js';
import { spread } from '../../src/base/statistics/spread.js';

const summary = (seed: number, accuracy: number | undefined): RunSummary => ({
  schema: 1,
  status: 'done',
  name: 'n',
  slug: 's',
  hash: 'h',
  hash8: 'h',
  seed,
  final: { update: 10, test_accuracy: accuracy },
  best: { update: 5, test_accuracy: accuracy },
  updates: 10,
  wall_seconds: 1,
  backend: 'cpu',
  path: `seed-${seed}`,
});

test('mean and sample deviation over seeds', () => {
  const { final, seeds } = summarizeSeeds([summary(1, 0.8), summary(2, 0.9), summary(5, 1)]);
  expect(seeds).toEqual([1, 2, 5]);
  expect(final.test_accuracy.mean).toBeCloseTo(0.9, 12);
  expect(final.test_accuracy.deviation).toBeCloseTo(0.1, 12);
  expect(final.test_accuracy.seeds).toBe(3);
});

test('one value has no deviation, and a column without values is left out', () => {
  expect(spread([3])).toEqual({ mean: 3, deviation: undefined, seeds: 1 });
  expect(summarizeSeeds([summary(1, undefined)]).final).toEqual({
    update: { mean: 10, deviation: undefined, seeds: 1 },
  });
});

test('equal values have no deviation, whatever their digits', () => {
  expect(spread([0.95, 0.95, 0.95])).toEqual({ mean: 0.95, deviation: 0, seeds: 3 });
});
