import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { createFolder, syncFolder } from '../durable.js';
import { UserError } from '../errors.js';

/** What a file of a data set must hold once unpacked. */
export interface DataFile {
  /** Name without `.gz`: a gzipped file is found too. */
  name: string;
  /** Length of the unpacked content. */
  bytes: number;
  /** Of the unpacked content: compressed sizes differ between mirrors. */
  sha256: string;
}

/** A long step under way: a download or a generation. */
export interface Progress {
  what: string;
  unit: 'bytes' | 'images';
  done: number;
  /** Unknown where a server does not say. */
  total: number | undefined;
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Path of `name` or `name.gz` in `folder`, whichever exists. */
export async function findFile(folder: string, name: string): Promise<string | undefined> {
  for (const candidate of [join(folder, name), join(folder, `${name}.gz`)]) {
    const found = await stat(candidate).catch(() => undefined);
    if (found?.isFile()) return candidate;
  }
  return undefined;
}

/** Unpacked content of a file. Gzip is recognised by its first two bytes, whatever the name says. */
export async function readContent(path: string): Promise<Buffer> {
  const content = await readFile(path);
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return await promisify(gunzip)(content, { chunkSize: 1 << 20 });
  } catch (error) {
    const truncated = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    throw new InvalidFile(path, truncated ? 'truncated gzip data' : 'corrupted gzip data');
  }
}

/** A file that is missing, truncated, corrupted or another one: never used in part. */
export class InvalidFile extends UserError {
  constructor(
    path: string,
    readonly problem: string,
  ) {
    super(`invalid file ${path}: ${problem}`);
  }
}

/** Why `content` is not `expected`, or nothing. `siblings`: the other files of the set, to recognise a swap. */
export function contentProblem(
  content: Uint8Array,
  expected: DataFile,
  siblings: readonly DataFile[],
): string | undefined {
  const actual = sha256(content);
  if (actual === expected.sha256) return undefined;
  const swapped = siblings.find((sibling) => sibling.sha256 === actual);
  if (swapped) return `this is the content of ${swapped.name} (files swapped?)`;
  const count = (bytes: number) => bytes.toLocaleString('en');
  if (content.length < expected.bytes) {
    return `truncated: ${count(content.length)} bytes unpacked, expected ${count(expected.bytes)}`;
  }
  if (content.length > expected.bytes) {
    return `too long: ${count(content.length)} bytes unpacked, expected ${count(expected.bytes)}`;
  }
  return `corrupted or altered: SHA-256 of the content is ${actual}, expected ${expected.sha256}`;
}

/** A name beside `path` that no reader takes for the real file; unique, so that two processes do not meet. */
export function temporaryName(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}.part`;
}

/** Why a file with this SHA-256 cannot be right where others of its set, by name, have theirs: no two are the same. */
export function copyProblem(sum: string, others: Readonly<Record<string, string>>): string | undefined {
  const twin = Object.keys(others).find((name) => others[name] === sum);
  return twin === undefined ? undefined : `it has the same content as ${twin} (copied over it?)`;
}

/** Gives a file that is whole and synced its own name, to survive a power cut. */
export async function moveInto(temporary: string, path: string): Promise<void> {
  await rename(temporary, path);
  syncFolder(dirname(path));
}

/** Writes to a temporary name and renames: readers see the old file or the new one, never half of it. */
export async function writeAtomically(path: string, content: Uint8Array): Promise<void> {
  createFolder(dirname(path));
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, content, { flag: 'wx', flush: true });
    await moveInto(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A copy in shared memory, which worker threads read without another copy. */
export function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
