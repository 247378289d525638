import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Mapping } from '../../src/base/mapping.js';
import { identify, writtenHash } from '../../src/config/identity.js';
import { resolvedYaml } from '../../src/config/resolved-yaml.js';
import { idxHeader } from '../../src/data/idx.js';
import { idxNames } from '../../src/data/idx-folder.js';
import { userSums } from '../../src/data/user-files.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { loadConfig } from '../../src/sweep/load.js';

const rows = 'x,y,kind\n1,2,a\n2,3,b\n3,4,a\n4,5,b\n5,6,a\n';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-data-'));
  mkdirSync(join(folder, 'images'));
  writeFileSync(join(folder, 't.csv'), rows);
  writeFileSync(join(folder, 'copy.csv'), rows);
  writeFileSync(join(folder, 'test.csv'), 'x,y,kind\n9,9,a\n');
  const shapes = [[2, 3, 3], [2], [2, 3, 3], [2]];
  for (const [k, name] of idxNames.entries()) {
    const size = shapes[k].reduce((product, length) => product * length, 1);
    const bytes = Uint8Array.from({ length: size }, (_, at) => at % 2);
    writeFileSync(join(folder, 'images', name), Buffer.concat([idxHeader(shapes[k]), bytes]));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

async function load(dataset: unknown, name = 'x.yaml') {
  const file = join(folder, name);
  const base = { dataset, workers: 3, aggregator: 'mean', optimizer: 'sgd', updates: 5 };
  writeFileSync(file, typeof dataset === 'string' ? dataset : stringify(base));
  return loadConfig(file, [], builtins);
}

const table = { table: 't.csv', label: 'kind' };

describe('a data set in files of one’s own', () => {
  test.each([
    ['a table', table, 'copy.csv'],
    ['a table with a test file', { ...table, test: 'test.csv' }, undefined],
    ['a folder of images', { idx: 'images' }, undefined],
  ])('%s resolves to itself, and its hash is read off what was written', async (_, dataset, copy) => {
    const { config, identity } = await load(dataset);
    const again = await load(resolvedYaml(config), 'again.yaml');
    expect(again.config).toEqual(config);
    expect(again.identity).toEqual(identity);
    const sums = Object.values(await userSums(config.dataset));
    const written = parse(resolvedYaml(config)) as Mapping;
    expect(writtenHash(written, { dataset: sums })).toBe(identity.hash);
    expect(writtenHash(written, {})).toBeUndefined();
    expect(await identify(config)).toEqual(identity);
    const loaded = await builtins.datasets.get(config.dataset.name)!.load(config.dataset, {});
    expect(Object.values(loaded.checksums)).toEqual(sums);
    // What files hold counts, not what they are called.
    if (copy) expect((await load({ ...dataset, table: copy })).identity).toEqual(identity);
  });

  test('is told apart by every key and by what its files hold', async () => {
    writeFileSync(join(folder, 'numbers.csv'), 'x,y\n1,2\n2,3\n1,2\n');
    const numbers = { table: 'numbers.csv', label: 'y' };
    const datasets = [
      table,
      { ...table, test: 0.4 },
      { ...table, test: 'test.csv' },
      { ...table, test: 'copy.csv' },
      { ...table, table: 'copy.csv', test: 'test.csv', label: 3 },
      numbers,
      { ...numbers, label: 'x' },
      { ...numbers, task: 'regression' },
      { points: 'points.csv' },
      { idx: 'images' },
    ];
    writeFileSync(join(folder, 'points.csv'), '1,2\n');
    const hashes = await Promise.all(
      datasets.map(async (each, k) => (await load(each, `${k}.yaml`)).identity.hash),
    );
    expect(new Set(hashes).size).toBe(datasets.length);
  });

  test('spells its defaults out, and packs make no difference', async () => {
    const { config } = await load(table);
    const file = join(folder, 't.csv');
    expect(config.dataset).toEqual({ name: 'table', file, label: 'kind', test: 0.2, task: 'classification' });
    expect([config.model.name, config.batchSize]).toEqual(['mlp', 16]);
    const { identity } = await load({ idx: 'images' });
    const [name] = idxNames;
    const plain = join(folder, 'images', name);
    writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)));
    rmSync(plain);
    expect((await load({ idx: 'images' })).identity).toEqual(identity);
  });

  test.each<[unknown, RegExp]>([
    [{ table: 't.csv' }, /x\.yaml:2:3: missing label: table needs one/],
    [{ table: 'none.csv', label: 'kind' }, /missing table: none\.csv \(looked for .*none\.csv/],
    [{ table: 3, label: 'kind' }, /x\.yaml:2:10: invalid table: 3 \(expected FILE\.csv\)/],
    [{ table: '.', label: 'kind' }, /unreadable table: .* \(it is a folder\)/],
    [{ ...table, label: 'kin' }, /x\.yaml:3:10: unknown column: kin \(did you mean kind\?\)/],
    [{ ...table, test: 1 }, /x\.yaml:4:9: invalid test: 1 \(expected number in \(0, 1\) \| text\)/],
    [{ ...table, test: 'none.csv' }, /x\.yaml:4:9: missing test: none\.csv/],
    [{ ...table, task: 'regress' }, /unknown task: regress \(did you mean regression\?\)/],
    [{ ...table, tsk: 'x' }, /unknown key: tsk \(did you mean task\?\)/],
    [{ ...table, idx: 'images' }, /invalid dataset: table and idx \(expected/],
    [{ idx: 't.csv' }, /invalid idx: .*t\.csv is no folder/],
    [{ idx: 'images', label: 1 }, /unknown key: label \(idx takes no parameters\)/],
    [{ idx: '.' }, /train-images-idx3-ubyte: not found, with or without \.gz/],
  ])('%j is refused', async (dataset, message) => {
    await expect(load(dataset)).rejects.toThrow(message);
  });
});
