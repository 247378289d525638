import { UserError } from '../errors.js';
import { loadCifar10 } from './cifar10.js';
import { loadDigits } from './digits.js';
import { cacheDirectory, dataDirectory } from './directory.js';
import type { Dataset } from './dataset.js';
import type { DownloadOptions } from './download.js';
import { fetchMissing, sources } from './fetch.js';
import { InvalidFile } from './files.js';
import { loadMnist } from './mnist.js';
import { loadPoints } from './points.js';

export { cacheDirectory, dataDirectory } from './directory.js';
export type { Progress } from './files.js';

/** What is known of a data set before its files are read. */
export interface DatasetDefinition {
  name: string;
  /** One line for `byzsim list datasets`. */
  summary: string;
  /** Shape of one input; absent for points, whose file says. */
  shape?: readonly number[];
  /** 0: no labels. */
  classes: number;
  counts?: { train: number; test: number };
}

const definitions: DatasetDefinition[] = [
  {
    name: 'digits',
    summary: 'handwritten-like digits, generated: needs no files',
    shape: [28, 28, 1],
    classes: 10,
    counts: { train: 60_000, test: 10_000 },
  },
  {
    name: 'mnist',
    summary: 'handwritten digits',
    shape: [28, 28, 1],
    classes: 10,
    counts: { train: 60_000, test: 10_000 },
  },
  {
    name: 'cifar10',
    summary: 'small colour photographs; training images are cropped and flipped at random',
    shape: [32, 32, 3],
    classes: 10,
    counts: { train: 50_000, test: 10_000 },
  },
  {
    name: 'points',
    summary: 'rows of a CSV file of numbers, {points: FILE.csv}, drawn in file order',
    classes: 0,
  },
];

/** Every data set a config can name. */
export const datasets: ReadonlyMap<string, DatasetDefinition> = new Map(
  definitions.map((definition) => [definition.name, definition]),
);

export interface LoadOptions extends DownloadOptions {
  /** Holds mnist/ and cifar-10-batches-bin/; default: BYZSIM_DATA_DIR, or else the cache folder. */
  directory?: string;
}

/**
 * Loads a data set into shared memory, after fetching or generating what is missing. UserError names what is missing,
 * truncated, corrupted or swapped.
 *
 * @param dataset as in a resolved config; the file of points is a path
 */
export async function loadDataset(
  dataset: { name: string } | { name: 'points'; file: string },
  options: LoadOptions = {},
): Promise<Dataset> {
  if ('file' in dataset) return loadPoints(dataset.file);
  if (dataset.name === 'digits') return loadDigits(cacheDirectory(), options.onProgress);
  const { name } = dataset;
  const source = sources.get(name);
  const load = loaders.get(name);
  if (!source || !load) throw unknownDataset(name);
  const directory = options.directory ?? dataDirectory();
  try {
    await fetchMissing(name, source, directory, options);
    return await load(directory);
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    throw new UserError(`${error.message}\nDelete it; byzsim data fetch ${name} gets it anew.`);
  }
}

const loaders: ReadonlyMap<string, (directory: string) => Promise<Dataset>> = new Map([
  ['mnist', loadMnist],
  ['cifar10', loadCifar10],
]);

export function unknownDataset(name: string): UserError {
  return new UserError(`unknown dataset: ${name} (one of ${[...datasets.keys()].join(', ')})`);
}
