import { join } from 'node:path';
import { unpackRecords } from './cifar10.js';
import type { DataFiles, Dataset, DatasetDefinition } from './dataset.js';
import { fetchArchive, loadFetched, type Archive } from './fetch.js';
import { InvalidFile, findFile, lengthProblem, readContent, sha256, type DataFile } from './files.js';
import { classesProblem } from './idx.js';
import { pixelMoments } from './pixel-moments.js';

const cifar100Folder = 'cifar-100-binary';

const pixels = 32 * 32;
/** A superclass, a class, and three colour planes. */
const labelBytes = 2;
const recordBytes = labelBytes + 3 * pixels;
const classes = 100;

interface RecordFile extends DataFile {
  count: number;
}

/** The files of the official archive, of which only that of the whole archive is a published checksum. */
export const cifar100Files: readonly [train: RecordFile, test: RecordFile] = [
  { name: 'train.bin', count: 50_000, bytes: 50_000 * recordBytes },
  { name: 'test.bin', count: 10_000, bytes: 10_000 * recordBytes },
];

/** The md5 is that of the data set's page. */
const archive: Archive = {
  name: 'cifar-100-binary.tar.gz',
  md5: '03b5dce01913d631647c71ecec9e9cb8',
  urls: ['https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz'],
};

/** Why the content of one file is not records in the official layout with as many of each class, or nothing. */
export function cifar100Problem(content: Uint8Array, file: DataFile): string | undefined {
  const problem = lengthProblem(content.length, file);
  if (problem) return problem;
  const labels = Uint8Array.from(
    { length: content.length / recordBytes },
    (_, record) => content[record * recordBytes + 1],
  );
  return classesProblem(labels, classes);
}

/** Loads CIFAR-100 from `directory`/cifar-100-binary: two files in the official binary layout, with the 100 fine labels. */
export async function loadCifar100(directory: string): Promise<Dataset> {
  const checksums: Record<string, string> = {};
  const load = async (file: RecordFile) => {
    const folder = join(directory, cifar100Folder);
    const path = await findFile(folder, file.name);
    if (!path) throw new InvalidFile(join(folder, file.name), 'not found');
    const content = await readContent(path, file.bytes);
    const problem = cifar100Problem(content, file);
    if (problem) throw new InvalidFile(path, problem);
    checksums[file.name] = sha256(content);
    const labels = new Uint8Array(new SharedArrayBuffer(file.count));
    const inputs = new Uint8Array(new SharedArrayBuffer(file.count * 3 * pixels));
    unpackRecords(content, labels, inputs, labelBytes);
    return { count: file.count, inputs, labels };
  };
  const train = await load(cifar100Files[0]);
  const test = await load(cifar100Files[1]);
  return {
    name: 'cifar100',
    shape: [32, 32, 3],
    classes,
    train,
    test,
    normalisation: pixelMoments(train.inputs, 3),
    padding: 2,
    order: 'shuffled',
    checksums,
  };
}

const files: DataFiles = {
  place: 'data',
  folder: cifar100Folder,
  files: cifar100Files,
  problem: cifar100Problem,
  fetch: (folder, missing, options) => fetchArchive(archive, folder, missing, options),
};

export const cifar100: DatasetDefinition = {
  name: 'cifar100',
  title: 'CIFAR-100',
  summary: 'as cifar10, in 100 classes; training images are cropped and flipped at random',
  source: 'Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009',
  parameters: {},
  input: { shape: [32, 32, 3], classes },
  counts: { train: 50_000, test: 10_000 },
  model: 'cnn-cifar10',
  batchSize: 8,
  files,
  load: (_, options) => loadFetched('cifar100', files, loadCifar100, options),
};
