import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { UserFiles } from '../../src/data/dataset.js';
import { sha256 } from '../../src/data/files.js';
import { idxHeader } from '../../src/data/idx.js';
import { idx, idxNames, loadIdxFolder } from '../../src/data/idx-folder.js';
import { userSums } from '../../src/data/user-files.js';
import { temporaryFolder } from './folder.js';

/** An IDX file of bytes that count up. */
function content(shape: number[], bytes = shape.reduce((product, length) => product * length, 1)): Buffer {
  return Buffer.concat([idxHeader(shape), Uint8Array.from({ length: bytes }, (_, k) => k % 3)]);
}

function writtenFolder(): string {
  const folder = temporaryFolder();
  const shapes = [[6, 2, 5], [6], [4, 2, 5], [4]];
  idxNames.forEach((name, k) => writeFileSync(join(folder, name), content(shapes[k])));
  return folder;
}

describe('idx', () => {
  it('finds sizes, counts and classes in the files, and measures the pixels', async () => {
    const folder = writtenFolder();
    const dataset = await loadIdxFolder(folder);
    expect(dataset).toMatchObject({ shape: [2, 5, 1], classes: 3, order: 'shuffled' });
    expect([dataset.train.count, dataset.test.count]).toEqual([6, 4]);
    expect([...dataset.test.labels]).toEqual([0, 1, 2, 0]);
    expect(dataset.normalisation!.mean[0]).toBeCloseTo(1 / 255, 12);
    expect(dataset.checksums).toEqual(await userSums({ name: 'idx', file: folder }));
    expect(dataset.checksums[idxNames[1]]).toBe(sha256(content([6])));
    const { examine } = idx.input as UserFiles;
    expect(await examine({ name: 'idx', file: folder })).toEqual({ input: { shape: [2, 5, 1], classes: 3 } });
  });

  it('is the same whether its files are packed', async () => {
    const folder = writtenFolder();
    const plain = await loadIdxFolder(folder);
    rmSync(join(folder, idxNames[0]));
    writeFileSync(join(folder, `${idxNames[0]}.gz`), gzipSync(content([6, 2, 5])));
    expect(await loadIdxFolder(folder)).toEqual(plain);
  });

  const [trainImages, trainLabels, testImages, testLabels] = idxNames;
  it.each<[string, string, Buffer | undefined, RegExp]>([
    ['a missing file', testLabels, undefined, /t10k-labels-idx1-ubyte: not found, with or without \.gz/],
    ['one cut short', trainImages, content([6, 2, 5], 59), /truncated: 75 bytes unpacked, expected 76/],
    ['one too long', trainImages, content([6, 2, 5], 61), /too long: 77 bytes unpacked, expected 76/],
    ['half a header', trainImages, content([6, 2, 5]).subarray(0, 9), /truncated: 9 bytes unpacked/],
    ['labels for images', trainImages, content([6]), /not an IDX file of images: starts with 00000801/],
    ['images for labels', trainLabels, content([6, 2, 5]), /not an IDX file of labels: starts with 00000803/],
    ['too few labels', trainLabels, content([5]), /train-labels.*: 5 labels, expected 6: one for each image/],
    ['images of another size', testImages, content([4, 5, 2]), /images of 5x2 pixels, those of .* are 2x5/],
    ['none at all', trainImages, content([0, 2, 5]), /nothing in it: its header says 0 x 2 x 5/],
    [
      'one class',
      trainLabels,
      Buffer.concat([idxHeader([6]), Buffer.alloc(6)]),
      /all labels are 0: one class/,
    ],
    [
      'a class that training lacks',
      testLabels,
      Buffer.concat([idxHeader([4]), Uint8Array.of(0, 1, 7, 2)]),
      /label 7 at 2, expected 0 to 2 as in train-labels-idx1-ubyte/,
    ],
  ])('refuses %s', async (_, name, bytes, message) => {
    const folder = writtenFolder();
    if (bytes) writeFileSync(join(folder, name), bytes);
    else renameSync(join(folder, name), join(folder, 'elsewhere'));
    await expect(loadIdxFolder(folder)).rejects.toThrow(message);
    await expect(loadIdxFolder(folder)).rejects.toThrow(join(folder, name));
  });

  it('refuses a file in place of the folder', async () => {
    const file = join(writtenFolder(), trainImages);
    await expect(loadIdxFolder(file)).rejects.toThrow(
      /^invalid idx: .* is no folder \(expected one with train/,
    );
  });
});
