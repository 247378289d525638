import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/data/files.js';
import { countPresent, dataFolders, verifyFolder, type DataFolder } from '../../src/data/inspect.js';
import { temporaryFolder } from './folder.js';

describe('verifyFolder', () => {
  it('tells published, altered, invalid and missing files apart', async () => {
    const path = temporaryFolder();
    const published = Buffer.from('published');
    const folder: DataFolder = {
      path,
      files: ['good', 'altered', 'bad', 'packed', 'missing'].map((name) => ({
        name,
        bytes: published.length,
        sha256: sha256(published),
      })),
      problem: (content) => (content.length === published.length ? undefined : 'another length'),
    };
    writeFileSync(join(path, 'good'), published);
    writeFileSync(join(path, 'altered'), 'publisheD');
    writeFileSync(join(path, 'bad'), 'x');
    writeFileSync(join(path, 'packed.gz'), Buffer.from([0x1f, 0x8b, 8, 0]));

    expect(await countPresent(folder)).toBe(4);
    expect(await verifyFolder(folder)).toEqual([
      { name: 'good', state: 'verified', path: join(path, 'good'), sha256: sha256(published) },
      {
        name: 'altered',
        state: 'altered',
        path: join(path, 'altered'),
        sha256: sha256(Buffer.from('publisheD')),
      },
      {
        name: 'bad',
        state: 'invalid',
        path: join(path, 'bad'),
        sha256: sha256(Buffer.from('x')),
        problem: 'another length',
      },
      { name: 'packed', state: 'invalid', path: join(path, 'packed.gz'), problem: 'truncated gzip data' },
      { name: 'missing', state: 'missing' },
    ]);
  });

  it('recognises swapped MNIST labels by name', async () => {
    const data = temporaryFolder();
    mkdirSync(join(data, 'mnist'));
    writeFileSync(join(data, 'mnist', 'train-labels-idx1-ubyte'), Buffer.from([0, 0, 8, 3]));
    const reports = await verifyFolder(dataFolders({ data, cache: data }).get('mnist')!);
    expect(reports.find(({ name }) => name === 'train-labels-idx1-ubyte')).toMatchObject({
      state: 'invalid',
      problem: 'not an IDX file of labels: starts with 00000803, expected 00000801',
    });
  });
});
