import { join } from 'node:path';
import type { Split } from './dataset.js';
import { contentProblem, findFile, InvalidFile, readContent, shared, type DataFile } from './files.js';

/** An IDX file of bytes: images [count, rows, columns] or labels [count]. */
export interface IdxFile extends DataFile {
  shape: readonly number[];
}

/** The files of one split. */
export interface IdxSplit {
  images: IdxFile;
  labels: IdxFile;
}

export interface IdxSet {
  train: IdxSplit;
  test: IdxSplit;
}

export function idxFiles(set: IdxSet): IdxFile[] {
  return [set.train.images, set.train.labels, set.test.images, set.test.labels];
}

/**
 * Header of an IDX file of bytes: two zeros, the type (8: unsigned byte), the number of dimensions, then each length as
 * a big-endian 32-bit number.
 */
export function idxHeader(shape: readonly number[]): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 8;
  header[3] = shape.length;
  shape.forEach((length, k) => header.writeUInt32BE(length, 4 + 4 * k));
  return header;
}

/** Why unpacked content is not the IDX file expected, or nothing. Names the mistake a user can see: kind, size, swap. */
export function idxProblem(
  content: Buffer,
  file: IdxFile,
  siblings: readonly DataFile[],
): string | undefined {
  const problem = contentProblem(content, file, siblings);
  if (!problem || problem.includes('swapped')) return problem;
  const header = idxHeader(file.shape);
  if (content.length >= 4 && content.compare(header, 0, 4, 0, 4) !== 0) {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 4)).toString('hex');
    const kind = file.shape.length === 1 ? 'labels' : 'images';
    return `not an IDX file of ${kind}: starts with ${hex(content)}, expected ${hex(header)}`;
  }
  return problem;
}

/** Loads a set whose files are all in `folder`; InvalidFile names a missing, truncated, corrupted or swapped file. */
export async function loadIdxSet(folder: string, set: IdxSet): Promise<{ train: Split; test: Split }> {
  const [train, test] = await Promise.all([
    loadIdxSplit(folder, set.train, idxFiles(set)),
    loadIdxSplit(folder, set.test, idxFiles(set)),
  ]);
  return { train, test };
}

/** Loads one split. `siblings`: all files of the set, to recognise a swap. */
export async function loadIdxSplit(
  folder: string,
  { images, labels }: IdxSplit,
  siblings: readonly IdxFile[],
): Promise<Split> {
  const payload = async (file: IdxFile) => {
    const path = await findFile(folder, file.name);
    if (!path) throw new InvalidFile(join(folder, file.name), 'not found, with or without .gz');
    const content = await readContent(path);
    const problem = idxProblem(content, file, siblings);
    if (problem) throw new InvalidFile(path, problem);
    return shared(content.subarray(4 + 4 * file.shape.length));
  };
  const [inputs, classes] = await Promise.all([payload(images), payload(labels)]);
  return { count: images.shape[0], inputs, labels: classes };
}
