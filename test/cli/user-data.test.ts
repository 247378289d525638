import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { expect, test } from 'vitest';
import { sha256 } from '../../src/data/files.js';
import { byzsim } from '../support/cli.js';
import { temporaryFolder } from '../support/study.js';

test('a table of words: meta.json says what its labels are called, where data are split', async () => {
  const folder = temporaryFolder();
  const rows = Array.from({ length: 30 }, (_, k) => `${k % 3},${['wren', 'owl', 'jay'][k % 3]}`);
  writeFileSync(join(folder, 'birds.csv'), ['size,bird', ...rows].join('\n'));
  const config = join(folder, 'birds.yaml');
  const dataset = { table: 'birds.csv', label: 'bird' };
  const base = { dataset, workers: 2, split: 'extreme', aggregator: 'mean', optimizer: 'sgd', updates: 2 };
  writeFileSync(config, stringify(base));
  const { stdout } = await byzsim(['run', config, '--out', folder, '--json', '--backend', 'cpu']);
  const { runs } = JSON.parse(stdout) as { runs: { path: string }[] };
  const meta = JSON.parse(readFileSync(join(runs[0].path, 'meta.json'), 'utf8')) as Record<string, unknown>;
  expect(meta).toMatchObject({ classes: ['jay', 'owl', 'wren'], shards: [{}, {}] });
});

test('a table of numbers to be predicted: runs by its loss, is done, and is another experiment when it changes', async () => {
  const folder = temporaryFolder();
  const [table, config] = [join(folder, 'houses.csv'), join(folder, 'houses.yaml')];
  // price = 3 rooms + 2 garden, which a linear model learns exactly.
  const houses = Array.from({ length: 60 }, (_, k) => [k % 6, k % 7, 3 * (k % 6) + 2 * (k % 7) + 0.5]);
  const text = ['rooms,garden,price', ...houses.map((row) => row.join(','))].join('\n');
  writeFileSync(table, text);
  const base = {
    dataset: { table: 'houses.csv', label: 'price' },
    model: 'linear',
    workers: 5,
    byzantine: { count: 1, attack: 'sign-flip' },
    aggregator: 'cwmed',
    optimizer: { name: 'sgd', learningRate: 0.1 },
    updates: 200,
    evaluate: { every: 100 },
  };
  writeFileSync(config, stringify(base));
  const run = () => byzsim(['run', config, '--out', folder, '--json', '--backend', 'cpu']);
  const first = await run();
  expect(first.status, first.stderr).toBe(0);
  const { runs } = JSON.parse(first.stdout) as {
    runs: { final: Record<string, number>; best: Record<string, number>; path: string }[];
  };
  const [{ final, best, path }] = runs;
  expect(final.test_loss).toBeLessThan(0.01);
  expect(best.test_loss).toBeLessThanOrEqual(final.test_loss);
  expect(final.test_accuracy).toBeUndefined();
  const meta = JSON.parse(readFileSync(join(path, 'meta.json'), 'utf8')) as Record<string, unknown>;
  expect(meta.dataset_sha256).toEqual({ 'houses.csv': sha256(Buffer.from(text)) });

  expect((await run()).stderr).toContain('done already');
  const verified = await byzsim(['data', 'verify', config]);
  expect(verified).toMatchObject({
    status: 0,
    stdout: `table  houses.csv  usable  sha256 ${sha256(Buffer.from(text))}\n`,
  });
  writeFileSync(table, `${text}\n1,2,7.5\n`);
  expect((await run()).stderr).not.toContain('done already');
  writeFileSync(table, `${text}\n1,?,7.5\n`);
  const refused = await byzsim(['data', 'verify', config]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('houses.csv:62: column 2 (garden) is no number: "?"');
}, 60_000);
