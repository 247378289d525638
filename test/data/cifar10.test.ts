import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cifar10Files, cifar10Problem, loadCifar10, unpackRecords } from '../../src/data/cifar10.js';
import { dataFolders, verifyFolder } from '../../src/data/inspect.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { cifar10Batch, unbalanced, writeCifar10, writeCifar10File } from '../support/cifar10.js';
import { temporaryFolder } from './folder.js';

const recordBytes = 3073;

describe('CIFAR-10 files', () => {
  it('turns colour planes into pixels', () => {
    const content = new Uint8Array(2 * recordBytes);
    content[recordBytes] = 7;
    // Second image, row 1, column 2: pixel 34 of each plane.
    for (const [channel, value] of [11, 22, 33].entries())
      content[recordBytes + 1 + 1024 * channel + 34] = value;
    const labels = new Uint8Array(2);
    const inputs = new Uint8Array(2 * 3072);
    unpackRecords(content, labels, inputs);
    expect([...labels]).toEqual([0, 7]);
    const at = 3072 + (1 * 32 + 2) * 3;
    expect([...inputs.subarray(at, at + 3)]).toEqual([11, 22, 33]);
    expect(inputs.reduce((sum, byte) => sum + byte, 0)).toBe(66);
  });

  it('accepts balanced test labels and unbalanced training labels only', () => {
    const balanced = cifar10Batch((k) => k % 10);
    const training = cifar10Batch(unbalanced);
    expect(cifar10Problem(balanced, 'test_batch.bin')).toBeUndefined();
    expect(cifar10Problem(training, 'data_batch_2.bin')).toBeUndefined();
    expect(cifar10Problem(training, 'test_batch.bin')).toMatch(/expected 1,000 of each \(files swapped\?\)/);
    expect(cifar10Problem(balanced, 'data_batch_2.bin')).toMatch(
      /as only test_batch.bin does \(files swapped\?\)/,
    );
  });

  it('refuses other sizes and labels', () => {
    expect(cifar10Problem(cifar10Batch((k) => k % 10).subarray(1), 'test_batch.bin')).toBe(
      '30,729,999 bytes, expected 30,730,000',
    );
    expect(
      cifar10Problem(
        cifar10Batch((k) => (k === 123 ? 10 : k % 10)),
        'test_batch.bin',
      ),
    ).toBe('label 10 in record 123, expected 0 to 9');
  });

  it('refuses the content of another file', () => {
    const [first, second] = cifar10Files;
    expect(cifar10Problem(cifar10Batch(unbalanced), second.name, first.sha256)).toBe(
      'this is the content of data_batch_1.bin (files swapped?)',
    );
    expect(cifar10Problem(cifar10Batch(unbalanced), first.name, first.sha256)).toBeUndefined();
  });

  it('refuses two files of the same content, also where it is not a published one', async () => {
    const data = temporaryFolder();
    writeCifar10(data);
    writeCifar10File(data, 'data_batch_4.bin', cifar10Batch(unbalanced, 2));
    const problem = 'it has the same content as data_batch_2.bin (copied over it?)';
    await expect(loadCifar10(data)).rejects.toThrow(`data_batch_4.bin.gz: ${problem}`);
    const reports = await verifyFolder(dataFolders(builtins.datasets, { data, cache: data }).get('cifar10')!);
    expect(reports.map(({ state }) => state)).toEqual([
      'altered',
      'altered',
      'altered',
      'invalid',
      'altered',
      'altered',
    ]);
    expect(reports[3].problem).toBe(problem);
  });

  it.each(['cifar10', 'cifar100'])('%s: names a file that is packed by its name alone', async (name) => {
    const directory = temporaryFolder();
    const definition = builtins.datasets.get(name)!;
    const folder = join(directory, definition.files!.folder);
    mkdirSync(folder);
    for (const file of definition.files!.files)
      writeFileSync(join(folder, `${file.name}.gz`), '<html>It moved.</html>');
    const [first] = definition.files!.files;
    await expect(definition.load({ name }, { directory })).rejects.toThrow(
      `${first.name}.gz: not gzip data, though its name ends in .gz (a page saved in its place?)\nDelete it; byzsim data fetch ${name} gets it anew.`,
    );
  });

  const directory = process.env.BYZSIM_DATA_DIR;
  const present = directory !== undefined && existsSync(join(directory, 'cifar-10-batches-bin'));
  it.skipIf(!present)('loads from BYZSIM_DATA_DIR (skipped without it)', async () => {
    const { train, test, normalisation, checksums } = await loadCifar10(directory!);
    expect([train.count, test.count]).toEqual([50_000, 10_000]);
    expect(Object.keys(checksums)).toHaveLength(6);
    const perClass = (labels: ArrayLike<number>) =>
      Array.from(labels).reduce(
        (counts, label) => counts.with(label, counts[label] + 1),
        Array<number>(10).fill(0),
      );
    expect(perClass(train.labels)).toEqual(Array(10).fill(5_000));
    expect(perClass(test.labels)).toEqual(Array(10).fill(1_000));

    // Published channel means, to the tolerance that re-encoded pixels need: planes in another order would miss it.
    for (let channel = 0; channel < 3; channel++) {
      let sum = 0;
      for (let k = channel; k < train.inputs.length; k += 3) sum += train.inputs[k];
      expect(sum / (train.inputs.length / 3) / 255).toBeCloseTo(normalisation!.mean[channel], 2);
    }
  });
});
