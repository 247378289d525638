import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byzsim } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'byzsim-leftovers-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** The temporary folder of the processes that are started here. */
const scratch = join(folder, 'tmp');
const env = { TMPDIR: scratch };
const cwd = folder;
const engine = ['--backend', 'onnx', '--threads', '2', '--quiet'];

beforeAll(() => {
  mkdirSync(scratch);
  writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n-1,0.5\n');
  writeFileSync(
    join(folder, 'small.yaml'),
    'dataset: {points: points.csv}\nworkers: 3\naggregator: mean\noptimizer: sgd\nupdates: 20\n',
  );
});

test('nothing stays in the temporary folder', async () => {
  for (const args of [
    ['run', 'small.yaml', ...engine],
    ['sweep', 'small.yaml', 'aggregator=mean,cwmed', '--out', 'swept', ...engine],
    ['plot', 'results/small', '-o', 'figure.svg'],
    ['report', 'results/small'],
    ['doctor'],
  ]) {
    const { status, stderr } = await byzsim(args, { cwd, env });
    expect(status, stderr).toBe(0);
    expect(readdirSync(scratch), args.join(' ')).toEqual([]);
  }
});

test('nor after a run that was killed', async () => {
  const { signal } = await byzsim(
    ['run', 'small.yaml', 'updates=1000000', 'evaluate.every=100', '--backend', 'onnx', '--threads', '2'],
    { cwd, env, onStderr: (text) => (text.includes('update 100/') ? 'SIGKILL' : undefined) },
  );
  expect(signal).toBe('SIGKILL');
  expect(readdirSync(scratch)).toEqual([]);
});
