import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../base/errors.js';
import type { Dataset, DatasetConfig, DatasetDefinition, Examined, Split } from './dataset.js';
import { findFile, InvalidFile, readContent, sha256, shared } from './files.js';
import { idxProblem } from './idx.js';
import { pixelMoments } from './pixel-moments.js';

const trainNames = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'] as const;
const testNames = ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'] as const;

/** The files of a folder of one's own images: those of MNIST, gzipped or not. */
export const idxNames: readonly string[] = [...trainNames, ...testNames];

/** An IDX file of bytes that was read. */
interface Read {
  path: string;
  name: string;
  /** [count, rows, columns] of images, [count] of labels. */
  shape: number[];
  bytes: Uint8Array;
  sha256: string;
}

/**
 * Loads images of the user's and their labels from the four files of a folder. Sizes are those that the files state; there
 * are as many classes as the greatest training label says.
 *
 * @throws InvalidFile naming the file that is missing, cut short, another one, or does not fit the others
 */
export async function loadIdxFolder(folder: string): Promise<Dataset> {
  const found = await stat(folder).catch(() => undefined);
  if (found && !found.isDirectory())
    throw new UserError(`invalid idx: ${folder} is no folder (expected one with ${idxNames.join(', ')})`);
  const [trainImages, trainLabels] = await readPair(folder, trainNames);
  const [testImages, testLabels] = await readPair(folder, testNames);
  const [, rows, columns] = trainImages.shape;
  if (testImages.shape.slice(1).join() !== [rows, columns].join()) {
    const [, ...size] = testImages.shape;
    throw new InvalidFile(
      testImages.path,
      `images of ${size.join('x')} pixels, those of ${trainImages.name} are ${rows}x${columns}`,
    );
  }
  const classes = 1 + trainLabels.bytes.reduce((most, label) => Math.max(most, label), 0);
  if (classes === 1) throw new InvalidFile(trainLabels.path, 'all labels are 0: one class only');
  const strange = testLabels.bytes.findIndex((label) => label >= classes);
  if (strange >= 0)
    throw new InvalidFile(
      testLabels.path,
      `label ${testLabels.bytes[strange]} at ${strange}, expected 0 to ${classes - 1} as in ${trainLabels.name}`,
    );
  const split = (images: Read, labels: Read): Split => ({
    count: images.shape[0],
    inputs: shared(images.bytes),
    labels: shared(labels.bytes),
  });
  const files = [trainImages, trainLabels, testImages, testLabels];
  return {
    name: 'idx',
    shape: [rows, columns, 1],
    classes,
    train: split(trainImages, trainLabels),
    test: split(testImages, testLabels),
    normalisation: pixelMoments(trainImages.bytes as Uint8Array, 1),
    order: 'shuffled',
    checksums: Object.fromEntries(files.map((file) => [file.name, file.sha256])),
  };
}

/** Images and their labels. */
async function readPair(folder: string, [images, labels]: typeof trainNames | typeof testNames) {
  const pair = [await readIdx(folder, images, 3), await readIdx(folder, labels, 1)] as const;
  const [[count], [labelled]] = pair.map(({ shape }) => shape);
  const written = (value: number) => value.toLocaleString('en');
  if (labelled !== count)
    throw new InvalidFile(
      pair[1].path,
      `${written(labelled)} labels, expected ${written(count)}: one for each image of ${images}`,
    );
  return pair;
}

async function readIdx(folder: string, name: string, dimensions: number): Promise<Read> {
  const path = await findFile(folder, name);
  if (!path) throw new InvalidFile(join(folder, name), 'not found, with or without .gz');
  const content = await readContent(path);
  const start = 4 + 4 * dimensions;
  // A header that is cut short is that of no images.
  const shape = Array.from({ length: dimensions }, (_, k) =>
    content.length < start ? 0 : content.readUInt32BE(4 + 4 * k),
  );
  const bytes = shape.reduce((product, length) => product * length, 1);
  const problem = idxProblem(content, { name, shape, bytes: start + bytes }, []);
  if (problem) throw new InvalidFile(path, problem);
  if (bytes === 0) throw new InvalidFile(path, `nothing in it: its header says ${shape.join(' x ')}`);
  return { path, name, shape, bytes: content.subarray(start), sha256: sha256(content) };
}

async function examine({ file }: DatasetConfig): Promise<Examined> {
  const { shape, classes } = await loadIdxFolder(file!);
  return { input: { shape, classes } };
}

export const idx: DatasetDefinition = {
  name: 'idx',
  title: 'images in IDX files',
  summary: 'grey images of any size in a folder of four files as MNIST has them, gzipped or not',
  parameters: {},
  input: { placeholder: 'FOLDER', written: '{idx: FOLDER}', examine },
  model: 'mlp',
  batchSize: 16,
  load: ({ file }) => loadIdxFolder(file!),
};
