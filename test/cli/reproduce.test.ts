import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataDirectory } from '../../src/data/directory.js';
import { byzsim } from '../support/cli.js';
import { temporaryFolder } from '../support/study.js';

it.each([
  ['figure-a', 'mnist', 24],
  ['figure-b', 'mnist', 36],
  ['figure-c', 'mnist', 48],
  ['figure-a', 'cifar10', 24],
  ['figure-b', 'cifar10', 36],
  ['figure-c', 'cifar10', 48],
  ['figure-a-seeds', 'mnist', 40],
  ['figure-c-published', 'mnist', 36],
  ['ctma', 'mnist', 192],
  ['ctma-bucketing', 'mnist', 108],
  ['async-sync', 'mnist', 18],
  ['async-field', 'mnist', 357],
  ['async-field-id', 'mnist', 231],
  ['async-field-tuning', 'mnist', 96],
  ['byzsgd-attacks', 'mnist', 48],
  ['byzsgd-baselines', 'mnist', 18],
  ['byzsgd-gather', 'mnist', 6],
  ['rates-quadratic', 'mnist', 144],
  ['rates-logistic', 'cifar10', 144],
])('%s on %s has all its cells and seeds', async (figure, dataset, runs) => {
  const { status, stdout } = await byzsim(['reproduce', figure, '--dataset', dataset, '-n']);
  expect(status).toBe(0);
  expect(stdout).toContain(`\n${runs} runs: `);
});

it('runs all studies that begin with a name, if none has it', async () => {
  const { status, stdout } = await byzsim(['reproduce', 'byzsgd', '-n']);
  expect(status).toBe(0);
  expect(stdout.match(/^\d+ runs: /gm)).toEqual(['48 runs: ', '18 runs: ', '6 runs: ']);
});

it('names the studies there are', async () => {
  const { status, stderr } = await byzsim(['reproduce', 'figure-d']);
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /unknown study: figure-d \(did you mean figure-a\?\); choose from .*ctma, ctma-bucketing, figure-a, figure-a-seeds, figure-b, figure-c, figure-c-published, rates-logistic, rates-quadratic, table-1\n$/,
  );
  const elsewhere = await byzsim(['reproduce', 'figure-a-seeds', '--dataset', 'cifar10']);
  expect(elsewhere).toMatchObject({
    status: 2,
    stderr: 'byzsim: unknown study: figure-a-seeds on cifar10 (it is there on mnist)\n',
  });
});

it('table-1 is a search, which takes no keys of configs', async () => {
  const { status, stdout } = await byzsim(['reproduce', 'table-1', '-n', '--out', 'somewhere']);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: `4 rules x 10 values of λ, 200 vector sets each, into ${join('somewhere', 'table-1')}\n`,
  });
  const refused = await byzsim(['reproduce', 'table-1', 'updates=5']);
  expect(refused).toMatchObject({
    status: 2,
    stderr:
      'byzsim: invalid argument: updates=5 (table-1 trains nothing; byzsim robustness has its own options)\n',
  });
});

const mnist = existsSync(join(dataDirectory(), 'mnist', 'train-images-idx3-ubyte.gz'));

it.skipIf(!mnist)(
  'runs, draws, reports and tests the claim (needs MNIST)',
  { timeout: 120_000 },
  async () => {
    const out = temporaryFolder();
    const short = ['updates=2', 'evaluate.every=2', 'aggregator.rule=cwmed', 'byzantine.attack=sign-flip'];
    const { status, stdout, stderr } = await byzsim([
      'reproduce',
      'figure-a',
      ...short,
      '--seeds',
      '2',
      '--out',
      out,
      '--quiet',
    ]);
    // Two updates are too few for the claim to hold.
    expect(status, stderr).toBe(1);
    expect(stdout).toMatch(/✗ final\.test_accuracy mean >= 0\.965/);
    const folder = join(out, 'figure-a-mnist');
    expect(readFileSync(join(folder, 'figure.svg'), 'utf8')).toMatch(/^<svg/);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  },
);
