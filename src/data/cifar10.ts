import { join } from 'node:path';
import type { DataFiles, Dataset, DatasetDefinition } from './dataset.js';
import { fetchArchive, loadFetched } from './fetch.js';
import { InvalidFile, copyProblem, findFile, readContent, sha256, type DataFile } from './files.js';

export const cifar10Folder = 'cifar-10-batches-bin';

const recordsPerFile = 10_000;
const pixels = 32 * 32;
const recordBytes = 1 + 3 * pixels;

/** The files of the official archive and their SHA-256 (as torchvision-ruby's datasets/cifar10 lists them). */
export const cifar10Files: readonly DataFile[] = [
  ['data_batch_1.bin', 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5'],
  ['data_batch_2.bin', 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed'],
  ['data_batch_3.bin', 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67'],
  ['data_batch_4.bin', '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48'],
  ['data_batch_5.bin', '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add'],
  ['test_batch.bin', '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b'],
].map(([name, sum]) => ({ name, bytes: recordsPerFile * recordBytes, sha256: sum }));

/** The official archive, whose md5 on the data set's page is c32a1d4ab5d03f1284b67883e8d87530. */
export const cifar10Archive = {
  name: 'cifar-10-binary.tar.gz',
  sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  urls: [
    'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    'https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz',
    'https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz',
  ],
};

/**
 * Why the content of one file is not 10,000 records in the official layout, or nothing. Re-encoded pixels pass (their
 * checksum is recorded with the run), other sizes and labels do not, nor does the content of another file; the test file
 * holds 1,000 images of each class, which no training file does.
 *
 * @param sum SHA-256 of the content
 */
export function cifar10Problem(content: Uint8Array, name: string, sum = sha256(content)): string | undefined {
  const swapped = cifar10Files.find((file) => file.sha256 === sum && file.name !== name);
  if (swapped) return `this is the content of ${swapped.name} (files swapped?)`;
  const expected = recordsPerFile * recordBytes;
  if (content.length !== expected) {
    return `${content.length.toLocaleString('en')} bytes, expected ${expected.toLocaleString('en')}`;
  }
  const counts = new Uint32Array(10);
  for (let start = 0; start < content.length; start += recordBytes) {
    const label = content[start];
    if (label > 9) return `label ${label} in record ${start / recordBytes}, expected 0 to 9`;
    counts[label]++;
  }
  const balanced = counts.every((count) => count === 1_000);
  if (balanced !== (name === 'test_batch.bin')) {
    return balanced
      ? 'holds 1,000 images of each class, as only test_batch.bin does (files swapped?)'
      : `holds ${counts.join(', ')} images of the classes 0 to 9, expected 1,000 of each (files swapped?)`;
  }
  return undefined;
}

/**
 * Splits records of label bytes and three colour planes into labels and NHWC pixels.
 *
 * @param labelBytes how many a record has; the last one is the label
 */
export function unpackRecords(
  content: Uint8Array,
  labels: Uint8Array,
  inputs: Uint8Array,
  labelBytes = 1,
): void {
  for (let record = 0; record < labels.length; record++) {
    const start = record * (labelBytes + 3 * pixels) + labelBytes;
    labels[record] = content[start - 1];
    let to = record * 3 * pixels;
    for (let red = start; red < start + pixels; red++) {
      inputs[to] = content[red];
      inputs[to + 1] = content[red + pixels];
      inputs[to + 2] = content[red + 2 * pixels];
      to += 3;
    }
  }
}

/** Loads CIFAR-10 from `directory`/cifar-10-batches-bin: six files in the official binary layout. */
export async function loadCifar10(directory: string): Promise<Dataset> {
  const folder = join(directory, cifar10Folder);
  const checksums: Record<string, string> = {};
  const labels = new Uint8Array(new SharedArrayBuffer(cifar10Files.length * recordsPerFile));
  const inputs = new Uint8Array(new SharedArrayBuffer(labels.length * 3 * pixels));

  for (const [k, file] of cifar10Files.entries()) {
    const path = await findFile(folder, file.name);
    if (!path) throw new InvalidFile(join(folder, file.name), 'not found');
    const content = await readContent(path, file.bytes);
    const sum = sha256(content);
    const problem = cifar10Problem(content, file.name, sum) ?? copyProblem(sum, checksums);
    if (problem) throw new InvalidFile(path, problem);
    checksums[file.name] = sum;
    const [from, to] = [k * recordsPerFile, (k + 1) * recordsPerFile];
    unpackRecords(content, labels.subarray(from, to), inputs.subarray(from * 3 * pixels, to * 3 * pixels));
  }

  const split = (from: number, to: number) => ({
    count: to - from,
    inputs: inputs.subarray(from * 3 * pixels, to * 3 * pixels),
    labels: labels.subarray(from, to),
  });
  return {
    name: 'cifar10',
    shape: [32, 32, 3],
    classes: 10,
    train: split(0, 50_000),
    test: split(50_000, 60_000),
    normalisation: { mean: [0.4914, 0.4822, 0.4465], deviation: [0.2023, 0.1994, 0.201] },
    padding: 2,
    order: 'shuffled',
    checksums,
  };
}

const files: DataFiles = {
  place: 'data',
  folder: cifar10Folder,
  files: cifar10Files,
  problem: (content, file) => cifar10Problem(content, file.name),
  fetch: (folder, missing, options) => fetchArchive(cifar10Archive, folder, missing, options),
};

export const cifar10: DatasetDefinition = {
  name: 'cifar10',
  title: 'CIFAR-10',
  summary: 'small colour photographs; training images are cropped and flipped at random',
  source: 'Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009',
  parameters: {},
  input: { shape: [32, 32, 3], classes: 10 },
  counts: { train: 50_000, test: 10_000 },
  model: 'cnn-cifar10',
  batchSize: 8,
  files,
  load: (_, options) => loadFetched('cifar10', files, loadCifar10, options),
};
