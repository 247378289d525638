import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { benchRuns } from '../../src/bench/runs.js';

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('byzsim-bench-'));
const options = {
  modes: ['async'],
  dataset: 'digits',
  rules: ['cwmed'],
  backends: ['auto'],
  threads: [1],
  onBegin() {},
} as const;

test('a run that fails is an error that shows what it said', async () => {
  const before = leftovers();
  await expect(benchRuns({ ...options, overrides: ['updates=0'] })).rejects.toThrow(
    /ended with status 2:\n[\s\S]*updates/,
  );
  expect(leftovers()).toEqual(before);
});

test('a signal ends the run', async () => {
  const before = leftovers();
  const controller = new AbortController();
  const runs = benchRuns({ ...options, overrides: [], signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(runs).rejects.toThrow('enough');
  expect(leftovers()).toEqual(before);
});
