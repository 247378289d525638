import { join } from 'node:path';
import type { DataFiles, Dataset, DatasetDefinition } from './dataset.js';
import { fetchGzipped, loadFetched } from './fetch.js';
import { idxFiles, idxProblem, loadIdxSet, type IdxFile, type IdxSet } from './idx.js';

export const mnistFolder = 'mnist';

/** The published files; SHA-256 of the unpacked content. */
export const mnistFiles: IdxSet = {
  train: {
    images: {
      name: 'train-images-idx3-ubyte',
      shape: [60_000, 28, 28],
      bytes: 47_040_016,
      sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    },
    labels: {
      name: 'train-labels-idx1-ubyte',
      shape: [60_000],
      bytes: 60_008,
      sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    },
  },
  test: {
    images: {
      name: 't10k-images-idx3-ubyte',
      shape: [10_000, 28, 28],
      bytes: 7_840_016,
      sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    },
    labels: {
      name: 't10k-labels-idx1-ubyte',
      shape: [10_000],
      bytes: 10_008,
      sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    },
  },
};

/** Folders on the web that hold the four files, gzipped. */
export const mnistMirrors = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
];

/** Loads MNIST from `directory`/mnist: IDX files, gzipped or not. The content must be the published one. */
export async function loadMnist(directory: string): Promise<Dataset> {
  const set = await loadIdxSet(join(directory, mnistFolder), mnistFiles);
  return {
    name: 'mnist',
    shape: [28, 28, 1],
    classes: 10,
    ...set,
    // Mean and deviation of the training pixels.
    normalisation: { mean: [0.1307], deviation: [0.3081] },
    order: 'shuffled',
  };
}

const files: DataFiles<IdxFile> = {
  place: 'data',
  folder: mnistFolder,
  files: idxFiles(mnistFiles),
  problem: (content, file) => idxProblem(content, file, files.files),
  async fetch(folder, missing, options) {
    for (const file of missing)
      await fetchGzipped(mnistMirrors, folder, file, (content) => files.problem(content, file), options);
  },
};

export const mnist: DatasetDefinition = {
  name: 'mnist',
  title: 'MNIST',
  summary: 'handwritten digits',
  source: 'LeCun, Cortes and Burges',
  parameters: {},
  input: { shape: [28, 28, 1], classes: 10 },
  counts: { train: 60_000, test: 10_000 },
  model: 'cnn-mnist',
  batchSize: 16,
  files: files as DataFiles,
  load: (_, options) => loadFetched('mnist', files as DataFiles, loadMnist, options),
};
