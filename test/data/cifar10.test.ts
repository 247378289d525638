import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cifar10Problem, loadCifar10, unpackRecords } from '../../src/data/cifar10.js';

const recordBytes = 3073;

/** 10,000 black records whose labels are `label(k)`. */
function batch(label: (k: number) => number): Uint8Array {
  const content = new Uint8Array(10_000 * recordBytes);
  for (let k = 0; k < 10_000; k++) content[k * recordBytes] = label(k);
  return content;
}

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
    const balanced = batch((k) => k % 10);
    const training = batch((k) => (k < 20 ? 3 : k % 10));
    expect(cifar10Problem(balanced, 'test_batch.bin')).toBeUndefined();
    expect(cifar10Problem(training, 'data_batch_2.bin')).toBeUndefined();
    expect(cifar10Problem(training, 'test_batch.bin')).toMatch(/expected 1,000 of each \(files swapped\?\)/);
    expect(cifar10Problem(balanced, 'data_batch_2.bin')).toMatch(
      /as only test_batch.bin does \(files swapped\?\)/,
    );
  });

  it('refuses other sizes and labels', () => {
    expect(cifar10Problem(batch((k) => k % 10).subarray(1), 'test_batch.bin')).toBe(
      '30,729,999 bytes, expected 30,730,000',
    );
    expect(
      cifar10Problem(
        batch((k) => (k === 123 ? 10 : k % 10)),
        'test_batch.bin',
      ),
    ).toBe('label 10 in record 123, expected 0 to 9');
  });

  const directory = process.env.BYZSIM_DATA_DIR;
  const present = directory !== undefined && existsSync(join(directory, 'cifar-10-batches-bin'));
  it.skipIf(!present)('loads from BYZSIM_DATA_DIR (skipped without it)', async () => {
    const { train, test, normalisation, checksums } = await loadCifar10(directory!);
    expect([train.count, test.count]).toEqual([50_000, 10_000]);
    expect(Object.keys(checksums)).toHaveLength(6);
    const perClass = (labels: Uint8Array) =>
      labels.reduce((counts, label) => counts.with(label, counts[label] + 1), Array<number>(10).fill(0));
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
