import { join } from 'node:path';
import type { Dataset, Split } from './dataset.js';
import {
  contentProblem,
  findFile,
  InvalidFile,
  readContent,
  sha256,
  shared,
  type DataFile,
} from './files.js';

/** An IDX file of bytes: images [count, rows, columns] or labels [count]. */
export interface IdxFile extends DataFile {
  shape: readonly number[];
  /** Of labels without a checksum of their own: 0 to classes - 1, and as many labels of each. */
  classes?: number;
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
  if (problem?.includes('swapped') || (!problem && file.sha256 !== undefined)) return problem;
  const header = idxHeader(file.shape);
  const hex = (bytes: Uint8Array, length: number) => Buffer.from(bytes.subarray(0, length)).toString('hex');
  if (content.length >= 4 && content.compare(header, 0, 4, 0, 4) !== 0) {
    const kind = file.shape.length === 1 ? 'labels' : 'images';
    return `not an IDX file of ${kind}: starts with ${hex(content, 4)}, expected ${hex(header, 4)}`;
  }
  if (problem) return problem;
  if (content.compare(header, 0, header.length, 0, header.length) !== 0)
    return `not ${file.shape.join(' x ')}: starts with ${hex(content, header.length)}, expected ${hex(header, header.length)}`;
  return file.classes === undefined
    ? undefined
    : classesProblem(content.subarray(header.length), file.classes);
}

/** Why labels are not as many of each class, or nothing. */
export function classesProblem(labels: Uint8Array, classes: number): string | undefined {
  const counts = new Uint32Array(classes);
  for (const [k, label] of labels.entries()) {
    if (label >= classes) return `label ${label} at ${k}, expected 0 to ${classes - 1}`;
    counts[label]++;
  }
  const each = labels.length / classes;
  const label = counts.findIndex((count) => count !== each);
  if (label < 0) return undefined;
  const count = (value: number) => value.toLocaleString('en');
  return `${count(counts[label])} labels ${label}, expected ${count(each)} of each class (another data set's?)`;
}

/** Loads a set whose files are all in `folder`; InvalidFile names a missing, truncated, corrupted or swapped file. */
export async function loadIdxSet(
  folder: string,
  set: IdxSet,
): Promise<Pick<Dataset, 'train' | 'test' | 'checksums'>> {
  const checksums: Record<string, string> = {};
  const [train, test] = await Promise.all([
    loadIdxSplit(folder, set.train, idxFiles(set), checksums),
    loadIdxSplit(folder, set.test, idxFiles(set), checksums),
  ]);
  const inOrder = idxFiles(set).map(({ name }) => [name, checksums[name]]);
  return { train, test, checksums: Object.fromEntries(inOrder) as Record<string, string> };
}

/**
 * Loads one split.
 *
 * @param siblings all files of the set, to recognise a swap
 * @param checksums takes the SHA-256 of each file's content, by name
 */
export async function loadIdxSplit(
  folder: string,
  { images, labels }: IdxSplit,
  siblings: readonly IdxFile[],
  checksums: Record<string, string> = {},
): Promise<Split> {
  const payload = async (file: IdxFile) => {
    const path = await findFile(folder, file.name);
    if (!path) throw new InvalidFile(join(folder, file.name), 'not found, with or without .gz');
    const content = await readContent(path, file.bytes);
    const problem = idxProblem(content, file, siblings);
    if (problem) throw new InvalidFile(path, problem);
    checksums[file.name] = file.sha256 ?? sha256(content);
    return shared(content.subarray(4 + 4 * file.shape.length));
  };
  const [inputs, classes] = await Promise.all([payload(images), payload(labels)]);
  return { count: images.shape[0], inputs, labels: classes };
}
