import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { checksumsNow } from '../../src/data/checksums.js';
import { digits, digitsFiles } from '../../src/data/digits.js';
import { mnist } from '../../src/data/mnist.js';
import { points } from '../../src/data/points.js';
import { sha256 } from '../../src/data/files.js';
import { temporaryFolder } from './folder.js';

it('sums up the files that are there, unpacked, as they are now', async () => {
  const data = temporaryFolder();
  const folder = join(data, 'mnist');
  mkdirSync(folder);
  expect(await checksumsNow(mnist, data)).toEqual({});
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), 'images');
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte.gz'), gzipSync('labels'));
  const sums = {
    'train-images-idx3-ubyte': sha256(Buffer.from('images')),
    't10k-labels-idx1-ubyte': sha256(Buffer.from('labels')),
  };
  expect(await checksumsNow(mnist, data)).toEqual(sums);
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), 'Images');
  rmSync(join(folder, 't10k-labels-idx1-ubyte.gz'));
  const broken = gzipSync('labels').subarray(0, 12);
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte.gz'), broken);
  expect(await checksumsNow(mnist, data)).toEqual({
    'train-images-idx3-ubyte': sha256(Buffer.from('Images')),
    't10k-labels-idx1-ubyte': sha256(broken),
  });
});

it('knows what the generator makes, and leaves points to the hash of the experiment', async () => {
  const { train } = digitsFiles;
  expect(await checksumsNow(digits)).toMatchObject({ [train.labels.name]: train.labels.sha256 });
  expect(await checksumsNow(points)).toEqual({});
});
