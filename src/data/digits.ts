import { join } from 'node:path';
import type { DataFiles, Dataset, DatasetDefinition, Split } from './dataset.js';
import { cacheDirectory } from './directory.js';
import { digitsVersion, generateDigits } from './digits/generator.js';
import { contentProblem, shared, writeAtomically, type Progress } from './files.js';
import { idxFiles, idxHeader, idxProblem, loadIdxSplit, type IdxFile, type IdxSet } from './idx.js';

/** Folder under the cache folder that keeps the generated files. */
export const digitsFolder = `digits-${digitsVersion}`;

/** What the generator of this version makes, as IDX files. */
export const digitsFiles: IdxSet = {
  train: {
    images: {
      name: 'train-images-idx3-ubyte',
      shape: [60_000, 28, 28],
      bytes: 47_040_016,
      sha256: '3fe45b9b82cd9781c0bb365261c04838cb34886d23a89b37989c173c9631b236',
    },
    labels: {
      name: 'train-labels-idx1-ubyte',
      shape: [60_000],
      bytes: 60_008,
      sha256: '677df459812d9a622a7b212969dfd8f20dca3b7109e0da6a9bf5493674775291',
    },
  },
  test: {
    images: {
      name: 'test-images-idx3-ubyte',
      shape: [10_000, 28, 28],
      bytes: 7_840_016,
      sha256: '0573233c76bb55adbc4108552837a6a52d97337a35c6fdeeecbcaecf61c36b42',
    },
    labels: {
      name: 'test-labels-idx1-ubyte',
      shape: [10_000],
      bytes: 10_008,
      sha256: 'c9bea1d18e1550308ce8390e85be99d4496868d150bd3dbffa3a200fb02e40f3',
    },
  },
};

/**
 * Handwritten-like digits, generated (about two seconds) and kept in `cache`. Files there that are absent or bad are made
 * anew; a cache folder that cannot be written costs the generation each time and nothing else.
 */
export async function loadDigits(cache: string, onProgress?: (progress: Progress) => void): Promise<Dataset> {
  const checksums = idxFiles(digitsFiles).map((file) => [file.name, file.sha256!] as const);
  return {
    name: 'digits',
    shape: [28, 28, 1],
    classes: 10,
    train: await loadDigitsSplit(cache, 'train', onProgress),
    test: await loadDigitsSplit(cache, 'test', onProgress),
    // Mean and deviation of the training pixels.
    normalisation: { mean: [0.1084], deviation: [0.2087] },
    order: 'shuffled',
    checksums: Object.fromEntries(checksums),
  };
}

/** One split, from the cache or else generated. */
export async function loadDigitsSplit(
  cache: string,
  split: 'train' | 'test',
  onProgress?: (progress: Progress) => void,
): Promise<Split> {
  const folder = join(cache, digitsFolder);
  try {
    return await loadIdxSplit(folder, digitsFiles[split], idxFiles(digitsFiles));
  } catch {
    // Whatever is wrong with the cache, generating again is right.
    return generateInto(folder, split, onProgress);
  }
}

async function generateInto(
  folder: string,
  split: 'train' | 'test',
  onProgress?: (progress: Progress) => void,
): Promise<Split> {
  const files = digitsFiles[split];
  const total = files.labels.shape[0];
  const what = `generating the ${split === 'train' ? 'training' : 'test'} images of digits`;
  const { images, labels } = generateDigits(split, total, (done) =>
    onProgress?.({ what, unit: 'images', done, total }),
  );
  await keep(folder, files.images, images);
  await keep(folder, files.labels, labels);
  return { count: total, inputs: shared(images), labels: shared(labels) };
}

async function keep(folder: string, file: IdxFile, bytes: Uint8Array): Promise<void> {
  const content = Buffer.concat([idxHeader(file.shape), bytes]);
  const problem = contentProblem(content, file, []);
  if (problem) throw new Error(`the generated ${file.name} of digits is not the known one: ${problem}`);
  await writeAtomically(join(folder, file.name), content).catch(() => undefined);
}

const files: DataFiles<IdxFile> = {
  place: 'cache',
  folder: digitsFolder,
  files: idxFiles(digitsFiles),
  problem: (content, file) => idxProblem(content, file, files.files),
};

export const digits: DatasetDefinition = {
  name: 'digits',
  title: 'generated digits',
  summary: 'handwritten-like digits, generated: needs no files',
  parameters: {},
  input: { shape: [28, 28, 1], classes: 10 },
  counts: { train: 60_000, test: 10_000 },
  model: 'cnn-mnist',
  batchSize: 16,
  files: files as DataFiles,
  load: (_, { onProgress }) => loadDigits(cacheDirectory(), onProgress),
};
