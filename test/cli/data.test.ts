import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { idxHeader } from '../../src/data/idx.js';
import { inProcess } from '../support/cli.js';
import { temporaryFolder } from '../support/study.js';

afterEach(() => void vi.unstubAllEnvs());

/** A folder of data in which every file of MNIST is broken in a way of its own. */
function brokenMnist(): string {
  const directory = temporaryFolder();
  vi.stubEnv('BYZSIM_DATA_DIR', directory);
  vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'));
  const folder = join(directory, 'mnist');
  mkdirSync(folder);
  const write = (name: string, content: Uint8Array | string) => writeFileSync(join(folder, name), content);
  write('train-images-idx3-ubyte.gz', '<html>It moved.</html>');
  write('train-labels-idx1-ubyte.gz', gzipSync(idxHeader([60_000])).subarray(0, -8));
  write('t10k-images-idx3-ubyte', Buffer.concat([idxHeader([10_000, 28, 28]), new Uint8Array(784)]));
  return directory;
}

test('data verify shows what is wrong with each broken file: status 2', async () => {
  const directory = brokenMnist();
  const { status, stdout, stderr } = await inProcess(['data', 'verify', 'mnist'], directory);
  expect([status, stderr]).toEqual([2, '']);
  expect(stdout).toMatchInlineSnapshot(`
    "mnist  train-images-idx3-ubyte  invalid  not gzip data, though its name ends in .gz (a page saved in its place?)
    mnist  train-labels-idx1-ubyte  invalid  truncated gzip data
    mnist  t10k-images-idx3-ubyte   invalid  truncated: 800 bytes unpacked, expected 7,840,016
    mnist  t10k-labels-idx1-ubyte   missing
    "
  `);
});

test('data verify of all: what is broken is told, what is not there is no fault', async () => {
  const directory = brokenMnist();
  const { status, stdout } = await inProcess(['data', 'verify', '--json'], directory);
  expect(status).toBe(2);
  const reports = JSON.parse(stdout) as { dataset: string; files: { state: string; problem?: string }[] }[];
  const states = (name: string) =>
    reports.find(({ dataset }) => dataset === name)!.files.map(({ state }) => state);
  expect(states('mnist')).toEqual(['invalid', 'invalid', 'invalid', 'missing']);
  expect(new Set(states('cifar10'))).toEqual(new Set(['missing']));
});
