import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const records = 10_000;
const recordBytes = 3073;

/** 10,000 records of one grey each, whose labels are `label(k)`. */
export function cifar10Batch(label: (k: number) => number, grey = 0): Uint8Array {
  const content = new Uint8Array(records * recordBytes).fill(grey);
  for (let k = 0; k < records; k++) content[k * recordBytes] = label(k);
  return content;
}

/** Writes a data set that passes for CIFAR-10 into `directory`, small because it is packed. */
export function writeCifar10(directory: string): void {
  for (let k = 1; k <= 5; k++)
    writeCifar10File(directory, `data_batch_${k}.bin`, cifar10Batch(unbalanced, k));
  writeCifar10File(
    directory,
    'test_batch.bin',
    cifar10Batch((k) => k % 10),
  );
}

/** Labels of a training file. */
export const unbalanced = (k: number) => (k < 20 ? 3 : k % 10);

export function writeCifar10File(directory: string, name: string, content: Uint8Array): void {
  const folder = join(directory, 'cifar-10-batches-bin');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 1 }));
}
