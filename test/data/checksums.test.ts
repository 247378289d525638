import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { checksumsNow } from '../../src/data/checksums.js';
import { digitsFiles } from '../../src/data/digits.js';
import { sha256 } from '../../src/data/files.js';
import { temporaryFolder } from './folder.js';

it('sums up the files that are there, unpacked, as they are now', async () => {
  const data = temporaryFolder();
  const mnist = join(data, 'mnist');
  mkdirSync(mnist);
  expect(await checksumsNow({ name: 'mnist' }, data)).toEqual({});
  writeFileSync(join(mnist, 'train-images-idx3-ubyte'), 'images');
  writeFileSync(join(mnist, 't10k-labels-idx1-ubyte.gz'), gzipSync('labels'));
  const sums = {
    'train-images-idx3-ubyte': sha256(Buffer.from('images')),
    't10k-labels-idx1-ubyte': sha256(Buffer.from('labels')),
  };
  expect(await checksumsNow({ name: 'mnist' }, data)).toEqual(sums);
  writeFileSync(join(mnist, 'train-images-idx3-ubyte'), 'Images');
  rmSync(join(mnist, 't10k-labels-idx1-ubyte.gz'));
  const broken = gzipSync('labels').subarray(0, 12);
  writeFileSync(join(mnist, 't10k-labels-idx1-ubyte.gz'), broken);
  expect(await checksumsNow({ name: 'mnist' }, data)).toEqual({
    'train-images-idx3-ubyte': sha256(Buffer.from('Images')),
    't10k-labels-idx1-ubyte': sha256(broken),
  });
});

it('knows what the generator makes, and leaves points to the hash of the experiment', async () => {
  const { train } = digitsFiles;
  expect(await checksumsNow({ name: 'digits' })).toMatchObject({ [train.labels.name]: train.labels.sha256 });
  expect(await checksumsNow({ name: 'points' })).toEqual({});
});
