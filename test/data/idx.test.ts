import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/data/files.js';
import { idxHeader, loadIdxSet, type IdxFile, type IdxSet } from '../../src/data/idx.js';
import { temporaryFolder } from './folder.js';

/** Content of a file whose bytes count up from `first`, and what a loader must expect of it. */
function idxFile(name: string, shape: number[], first: number): { file: IdxFile; content: Buffer } {
  const size = shape.reduce((product, length) => product * length, 1);
  const bytes = Uint8Array.from({ length: size }, (_, k) => (first + k) % 251);
  const content = Buffer.concat([idxHeader(shape), bytes]);
  return { file: { name, shape, bytes: content.length, sha256: sha256(content) }, content };
}

const parts = {
  trainImages: idxFile('train-images', [6, 2, 3], 1),
  trainLabels: idxFile('train-labels', [6], 2),
  testImages: idxFile('test-images', [4, 2, 3], 3),
  testLabels: idxFile('test-labels', [4], 4),
};
const set: IdxSet = {
  train: { images: parts.trainImages.file, labels: parts.trainLabels.file },
  test: { images: parts.testImages.file, labels: parts.testLabels.file },
};

function writtenSet(): string {
  const folder = temporaryFolder();
  for (const { file, content } of Object.values(parts)) writeFileSync(join(folder, file.name), content);
  return folder;
}

describe('loadIdxSet', () => {
  it('reads plain and gzipped files into shared memory', async () => {
    const folder = writtenSet();
    const plain = join(folder, 'train-images');
    writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)));
    renameSync(plain, join(folder, 'elsewhere'));

    const { train, test } = await loadIdxSet(folder, set);
    expect(train.count).toBe(6);
    expect([...train.inputs]).toEqual(Array.from({ length: 36 }, (_, k) => k + 1));
    expect([...test.labels]).toEqual([4, 5, 6, 7]);
    for (const array of [train.inputs, train.labels, test.inputs, test.labels]) {
      expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    [
      'a missing file',
      (folder) => renameSync(join(folder, 'test-labels'), join(folder, 'x')),
      /test-labels: not found/,
    ],
    [
      'a truncated file',
      (folder) => writeFileSync(join(folder, 'train-images'), parts.trainImages.content.subarray(0, 40)),
      /train-images: truncated: 40 bytes unpacked, expected 52/,
    ],
    [
      'a file that is too long',
      (folder) =>
        writeFileSync(
          join(folder, 'test-labels'),
          Buffer.concat([parts.testLabels.content, Buffer.alloc(1)]),
        ),
      /test-labels: too long: 13 bytes unpacked, expected 12/,
    ],
    [
      'one changed byte',
      (folder) => {
        const content = Buffer.from(parts.trainImages.content);
        content[30] ^= 1;
        writeFileSync(join(folder, 'train-images'), content);
      },
      /train-images: corrupted or altered: SHA-256 of the content is [0-9a-f]{64}, expected/,
    ],
    [
      'training and test files swapped',
      (folder) => writeFileSync(join(folder, 'train-images'), parts.testImages.content),
      /train-images: this is the content of test-images \(files swapped\?\)/,
    ],
    [
      'labels in place of images',
      (folder) => writeFileSync(join(folder, 'test-images'), parts.testLabels.content),
      /test-images: this is the content of test-labels/,
    ],
    [
      'another kind of file',
      (folder) => writeFileSync(join(folder, 'test-images'), '<html>not found</html>'),
      /test-images: not an IDX file of images: starts with 3c68746d, expected 00000803/,
    ],
    [
      'a truncated gzip file',
      (folder) =>
        writeFileSync(join(folder, 'train-labels'), gzipSync(parts.trainLabels.content).subarray(0, 20)),
      /train-labels: truncated gzip data/,
    ],
    [
      'a corrupted gzip file',
      (folder) => {
        const packed = gzipSync(parts.trainLabels.content);
        packed[packed.length - 6] ^= 1; // its checksum
        writeFileSync(join(folder, 'train-labels'), packed);
      },
      /train-labels: corrupted gzip data/,
    ],
    [
      'an empty file',
      (folder) => writeFileSync(join(folder, 'train-labels'), ''),
      /train-labels: truncated: 0 bytes/,
    ],
  ])('refuses %s by name', async (_, damage, message) => {
    const folder = writtenSet();
    damage(folder);
    await expect(loadIdxSet(folder, set)).rejects.toThrow(message);
  });
});
