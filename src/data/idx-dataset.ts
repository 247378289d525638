import { join } from 'node:path';
import type { DataFiles, DatasetDefinition } from './dataset.js';
import type { DownloadOptions } from './download.js';
import { fetchGzipped, loadFetched } from './fetch.js';
import type { DataFile } from './files.js';
import { idxFiles, idxHeader, idxProblem, loadIdxSet, type IdxFile, type IdxSet } from './idx.js';
import { pixelMoments } from './pixel-moments.js';

/** Grey images of 28x28 pixels in ten classes of equal size, in four IDX files, as MNIST and those made after it. */
export interface TenClasses {
  name: string;
  title: string;
  summary: string;
  source: string;
  counts: { train: number; test: number };
  /** MD5 of each published gzipped file, by its name without .gz, images before labels; undefined: not published. */
  train: readonly [name: string, md5?: string][];
  test: readonly [name: string, md5?: string][];
  /** Where the gzipped files come from: folders on the web, or some other way. */
  from: readonly string[] | Fetch;
}

type Fetch = (
  folder: string,
  missing: readonly DataFile[],
  problem: (content: Buffer, file: DataFile) => string | undefined,
  options: DownloadOptions,
) => Promise<void>;

/** Pixels are normalised by mean and deviation of the training pixels, which are measured when it is loaded. */
export function idxDataset(set: TenClasses): DatasetDefinition {
  const { name, title, summary, source, counts, from } = set;
  const classes = 10;
  const file = ([fileName, packedMd5]: readonly [string, string?], shape: number[]): IdxFile => {
    const bytes = idxHeader(shape).length + shape.reduce((product, length) => product * length, 1);
    return { name: fileName, shape, bytes, packedMd5, ...(shape.length === 1 && { classes }) };
  };
  const split = ([images, labels]: TenClasses['train'], count: number) => ({
    images: file(images, [count, 28, 28]),
    labels: file(labels, [count]),
  });
  const idx: IdxSet = { train: split(set.train, counts.train), test: split(set.test, counts.test) };
  const problem = (content: Buffer, one: DataFile) => idxProblem(content, one as IdxFile, idxFiles(idx));

  const files: DataFiles = {
    place: 'data',
    folder: name,
    files: idxFiles(idx),
    problem,
    async fetch(folder, missing, options) {
      if (typeof from === 'function') return from(folder, missing, problem, options);
      for (const one of missing)
        await fetchGzipped(from, folder, one, (content) => problem(content, one), options);
    },
  };
  return {
    name,
    title,
    summary,
    source,
    parameters: {},
    input: { shape: [28, 28, 1], classes },
    counts,
    model: 'cnn-mnist',
    batchSize: 16,
    files,
    load: (_, options) =>
      loadFetched(
        name,
        files,
        async (directory) => {
          const loaded = await loadIdxSet(join(directory, name), idx);
          const normalisation = pixelMoments(loaded.train.inputs as Uint8Array, 1);
          return { name, shape: [28, 28, 1], classes, ...loaded, normalisation, order: 'shuffled' };
        },
        options,
      ),
  };
}
