import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cifar100, cifar100Files } from '../../src/data/cifar100.js';
import type { DatasetDefinition } from '../../src/data/dataset.js';
import { emnistDigits } from '../../src/data/emnist-digits.js';
import { fashionMnist } from '../../src/data/fashion-mnist.js';
import { idxDataset } from '../../src/data/idx-dataset.js';
import { idxHeader } from '../../src/data/idx.js';
import { dataFolders, verifyFolder } from '../../src/data/inspect.js';
import { kmnist } from '../../src/data/kmnist.js';
import { pixelMoments } from '../../src/data/pixel-moments.js';
import { temporaryFolder } from './folder.js';

const images = (count: number, byte: (k: number) => number) =>
  Buffer.concat([
    idxHeader([count, 28, 28]),
    Uint8Array.from({ length: count * 784 }, (_, k) => byte(Math.floor(k / 784))),
  ]);
const labels = (values: number[]) => Buffer.concat([idxHeader([values.length]), Uint8Array.from(values)]);
const inTurn = (count: number) => Array.from({ length: count }, (_, k) => k % 10);

/** Forty images in files of a test's making, of which the training images have a published checksum. */
function smallSet(): { definition: DatasetDefinition; directory: string; write: Writer } {
  const directory = temporaryFolder();
  const packed = gzipSync(images(20, (k) => 10 * k));
  const definition = idxDataset({
    name: 'small',
    title: 'Small',
    summary: '',
    source: '',
    counts: { train: 20, test: 10 },
    train: [['a-images', createHash('md5').update(packed).digest('hex')], ['a-labels']],
    test: [['b-images'], ['b-labels']],
    from: [],
  });
  mkdirSync(join(directory, 'small'));
  const write: Writer = (name, content) => writeFileSync(join(directory, 'small', name), content);
  write('a-images.gz', packed);
  write('a-labels', labels(inTurn(20)));
  write(
    'b-images',
    images(10, () => 7),
  );
  write('b-labels.gz', gzipSync(labels(inTurn(10))));
  return { definition, directory, write };
}
type Writer = (name: string, content: Uint8Array) => void;

describe('a data set in four IDX files', () => {
  it('is loaded, packed or not, with the moments of its training pixels and the sums of its files', async () => {
    const { definition, directory } = smallSet();
    const set = await definition.load({ name: 'small' }, { directory });
    expect([set.train.count, set.test.count, set.classes, set.shape]).toEqual([20, 10, 10, [28, 28, 1]]);
    expect([...set.train.labels]).toEqual(inTurn(20));
    expect(set.train.inputs[784 * 3]).toBe(30);
    expect(set.normalisation!.mean[0]).toBeCloseTo(95 / 255, 12);
    expect(set.normalisation!.deviation[0]).toBeCloseTo(Math.sqrt((399 / 12) * 100) / 255, 12);
    expect(Object.keys(set.checksums)).toEqual(['a-images', 'a-labels', 'b-images', 'b-labels']);
    expect(set.checksums['b-labels']).toBe(
      createHash('sha256')
        .update(labels(inTurn(10)))
        .digest('hex'),
    );
  });

  it.each<[string, string, Uint8Array, RegExp]>([
    ['cut short', 'b-images', images(10, () => 7).subarray(0, 800), /b-images: truncated: 800 bytes/],
    ['of another kind', 'a-labels', images(20, () => 1), /a-labels: not an IDX file of labels/],
    [
      'of another shape',
      'b-images',
      Buffer.concat([idxHeader([10, 49, 16]), Buffer.alloc(7840)]),
      /not 10 x 28 x 28/,
    ],
    ['with a label too large', 'a-labels', labels([...inTurn(19), 10]), /label 10 at 19, expected 0 to 9/],
    ['of another set', 'a-labels', labels([...inTurn(19), 0]), /3 labels 0, expected 2 of each class/],
  ])('a file %s is refused, and the message says what to do', async (_, name, content, message) => {
    const { definition, directory, write } = smallSet();
    write(name, content);
    const loading = definition.load({ name: 'small' }, { directory });
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow('Delete it; byzsim data fetch small gets it anew');
  });

  it('is verified by the checksum of the packed file, and else said not to be', async () => {
    const { definition, directory, write } = smallSet();
    const folder = dataFolders(new Map([['small', definition]]), { data: directory, cache: directory });
    const states = async () => (await verifyFolder(folder.get('small')!)).map(({ state }) => state);
    expect(await states()).toEqual(['verified', 'unverified', 'unverified', 'unverified']);
    write(
      'a-images.gz',
      gzipSync(
        images(20, (k) => 10 * k),
        { level: 1 },
      ),
    );
    expect((await states())[0]).toBe('unverified');
    write('b-labels.gz', gzipSync(labels([...inTurn(9), 3])));
    expect((await states())[3]).toBe('invalid');
  });
});

it('published sets have the files and checksums that torchvision lists', () => {
  const listed = ({ files }: DatasetDefinition) =>
    Object.fromEntries(files!.files.map(({ name, packedMd5 }) => [name, packedMd5]));
  expect(listed(fashionMnist)).toEqual({
    'train-images-idx3-ubyte': '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
    'train-labels-idx1-ubyte': '25c81989df183df01b3e8a0aad5dffbe',
    't10k-images-idx3-ubyte': 'bef4ecab320f06d8554ea6380940ec79',
    't10k-labels-idx1-ubyte': 'bb300cfdad3c16e7a12a480ee83cd310',
  });
  expect(listed(kmnist)).toEqual({
    'train-images-idx3-ubyte': 'bdb82020997e1d708af4cf47b453dcf7',
    'train-labels-idx1-ubyte': 'e144d726b3acfaa3e44228e80efcd344',
    't10k-images-idx3-ubyte': '5c965bf0a639b31b8f53240b1b52f4d7',
    't10k-labels-idx1-ubyte': '7320c461ea6c1c855c0b718fb2a4b134',
  });
  expect(Object.keys(listed(emnistDigits))).toEqual([
    'emnist-digits-train-images-idx3-ubyte',
    'emnist-digits-train-labels-idx1-ubyte',
    'emnist-digits-test-images-idx3-ubyte',
    'emnist-digits-test-labels-idx1-ubyte',
  ]);
  expect(emnistDigits.files!.files.map(({ bytes }) => bytes)).toEqual([
    240_000 * 784 + 16,
    240_008,
    40_000 * 784 + 16,
    40_008,
  ]);
});

describe('CIFAR-100', () => {
  const write = (directory: string, change: (content: Buffer, name: string) => Buffer = (same) => same) => {
    mkdirSync(join(directory, 'cifar-100-binary'));
    for (const { name, count, bytes } of cifar100Files) {
      const content = Buffer.alloc(bytes);
      for (let record = 0; record < count; record++) {
        content[3074 * record] = 19;
        content[3074 * record + 1] = record % 100;
      }
      // The second image: a red, a green and a blue plane, its first pixel darker.
      [200, 100, 50].forEach((byte, plane) =>
        content.fill(byte, 3076 + 1024 * plane, 3076 + 1024 * (plane + 1)),
      );
      content[3076] = 1;
      writeFileSync(join(directory, 'cifar-100-binary', name), gzipSync(change(content, name), { level: 1 }));
    }
  };

  it('is read with its fine labels, colours pixel by pixel', async () => {
    const directory = temporaryFolder();
    write(directory);
    const set = await cifar100.load({ name: 'cifar100' }, { directory });
    expect([set.train.count, set.test.count, set.classes]).toEqual([50_000, 10_000, 100]);
    expect([...set.train.labels.subarray(98, 102)]).toEqual([98, 99, 0, 1]);
    expect([...set.test.inputs.subarray(3072, 3078)]).toEqual([1, 100, 50, 200, 100, 50]);
    expect(Object.keys(set.checksums)).toEqual(['train.bin', 'test.bin']);
  });

  it('is refused with other labels than as many of each class', async () => {
    const directory = temporaryFolder();
    write(directory, (content, name) => {
      if (name === 'test.bin') content[1] = 1;
      return content;
    });
    await expect(cifar100.load({ name: 'cifar100' }, { directory })).rejects.toThrow(
      /test\.bin: 99 labels 0, expected 100 of each class/,
    );
  });
});

it('moments of pixels are those of each channel; a constant channel is not divided by', () => {
  const { mean, deviation } = pixelMoments(Uint8Array.from([0, 255, 9, 51, 255, 9]), 3);
  expect(mean).toEqual([expect.closeTo(0.1, 12), 1, expect.closeTo(9 / 255, 12)]);
  expect(deviation).toEqual([expect.closeTo(0.1, 12), 1, 1]);
});
