import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/data/files.js';
import { dataFolders, lookAt, verifyFolder, type DataFolder } from '../../src/data/inspect.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { temporaryFolder } from './folder.js';

describe('lookAt', () => {
  const content = Buffer.from('0123456789'.repeat(1000));
  const look = async (write: (path: string) => void) => {
    const path = temporaryFolder();
    write(path);
    const files = [{ name: 'data', bytes: content.length, sha256: '' }];
    const { whole, problems } = await lookAt({ path, files, problem: () => undefined, generated: false });
    return [whole, ...problems.map((problem) => problem.replace(path, ''))];
  };
  const packed = gzipSync(content);
  const halves = Buffer.concat(
    [content.subarray(0, 5000), content.subarray(5000)].map((half) => gzipSync(half)),
  );

  it.each<[string, (path: string) => void, unknown[]]>([
    ['a whole file', (path) => writeFileSync(join(path, 'data'), content), [1]],
    ['a packed one', (path) => writeFileSync(join(path, 'data.gz'), packed), [1]],
    ['one packed in two parts', (path) => writeFileSync(join(path, 'data.gz'), halves), [1]],
    [
      'one that is not packed and not whole under a packed name',
      (path) => writeFileSync(join(path, 'data.gz'), 'notgzip'),
      [0, '/data.gz: not gzip data, though its name ends in .gz (a page saved in its place?)'],
    ],
    ['one unpacked under a packed name', (path) => writeFileSync(join(path, 'data.gz'), content), [1]],
    ['none', () => {}, [0]],
    [
      'one cut short',
      (path) => writeFileSync(join(path, 'data'), content.subarray(1)),
      [0, '/data: truncated: 9,999 bytes unpacked, expected 10,000'],
    ],
    [
      'a packed one cut short',
      (path) => writeFileSync(join(path, 'data.gz'), packed.subarray(0, -10)),
      [0, '/data.gz: truncated gzip data'],
    ],
    [
      'a longer one',
      (path) => writeFileSync(join(path, 'data.gz'), gzipSync(Buffer.concat([content, content]))),
      [0, '/data.gz: too long: 20,000 bytes unpacked, expected 10,000'],
    ],
    [
      'an empty one',
      (path) => writeFileSync(join(path, 'data'), ''),
      [0, '/data: truncated: 0 bytes unpacked, expected 10,000'],
    ],
    ['a folder in its place', (path) => mkdirSync(join(path, 'data')), [0, '/data: it is a folder']],
  ])('%s', async (_, write, expected) => {
    expect(await look(write)).toEqual(expected);
  });

  it('a file in place of the folder', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    const files = [{ name: 'data', bytes: 1, sha256: '' }];
    expect(await lookAt({ path, files, problem: () => undefined, generated: false })).toEqual({
      whole: 0,
      problems: [`${path}/data: a part of its path is a file, not a folder`],
    });
  });
});

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
      generated: false,
    };
    writeFileSync(join(path, 'good'), published);
    writeFileSync(join(path, 'altered'), 'publisheD');
    writeFileSync(join(path, 'bad'), 'x');
    writeFileSync(join(path, 'packed.gz'), Buffer.from([0x1f, 0x8b, 8, 0]));

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

  it('reports what is no file, or cannot be read, as what it is', async () => {
    const path = temporaryFolder();
    mkdirSync(join(path, 'folder'));
    symlinkSync('circle', join(path, 'circle'));
    const files = ['folder', 'circle'].map((name) => ({ name, bytes: 1, sha256: '' }));
    expect(await verifyFolder({ path, files, problem: () => undefined, generated: false })).toEqual([
      { name: 'folder', state: 'invalid', path: join(path, 'folder'), problem: 'it is a folder' },
      {
        name: 'circle',
        state: 'invalid',
        path: join(path, 'circle'),
        problem: expect.stringContaining('symbolic links') as string,
      },
    ]);
  });

  it('recognises swapped MNIST labels by name', async () => {
    const data = temporaryFolder();
    mkdirSync(join(data, 'mnist'));
    writeFileSync(join(data, 'mnist', 'train-labels-idx1-ubyte'), Buffer.from([0, 0, 8, 3]));
    const reports = await verifyFolder(dataFolders(builtins.datasets, { data, cache: data }).get('mnist')!);
    expect(reports.find(({ name }) => name === 'train-labels-idx1-ubyte')).toMatchObject({
      state: 'invalid',
      problem: 'not an IDX file of labels: starts with 00000803, expected 00000801',
    });
  });
});
