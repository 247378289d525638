import { join } from 'node:path';
import type { Dataset } from './dataset.js';
import { digitsVersion, generateDigits } from './digits/generator.js';
import { contentProblem, shared, writeAtomically, type Progress } from './files.js';
import { idxFiles, idxHeader, loadIdxSet, type IdxSet } from './idx.js';

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
  const folder = join(cache, digitsFolder);
  const splits = (await loadCached(folder)) ?? (await generateInto(folder, onProgress));
  return {
    name: 'digits',
    shape: [28, 28, 1],
    classes: 10,
    ...splits,
    // Mean and deviation of the training pixels.
    normalisation: { mean: [0.1084], deviation: [0.2087] },
    order: 'shuffled',
    checksums: Object.fromEntries(idxFiles(digitsFiles).map((file) => [file.name, file.sha256])),
  };
}

type Splits = Pick<Dataset, 'train' | 'test'>;

/** Whatever is wrong with the cache, generating again is right. */
function loadCached(folder: string): Promise<Splits | undefined> {
  return loadIdxSet(folder, digitsFiles).catch(() => undefined);
}

async function generateInto(folder: string, onProgress?: (progress: Progress) => void): Promise<Splits> {
  const split = async (name: 'train' | 'test') => {
    const { images: imageFile, labels: labelFile } = digitsFiles[name];
    const count = labelFile.shape[0];
    const what = `generating the ${name === 'train' ? 'training' : 'test'} images of digits`;
    const { images, labels } = generateDigits(name, count, (done) =>
      onProgress?.({ what, unit: 'images', done, total: count }),
    );
    for (const [file, bytes] of [
      [imageFile, images],
      [labelFile, labels],
    ] as const) {
      const header = idxHeader(file.shape);
      const problem = contentProblem(Buffer.concat([header, bytes]), file, []);
      if (problem) throw new Error(`the generated ${file.name} of digits is not the known one: ${problem}`);
      await writeAtomically(join(folder, file.name), header, bytes).catch(() => undefined);
    }
    return { count, inputs: shared(images), labels: shared(labels) };
  };
  return { train: await split('train'), test: await split('test') };
}
