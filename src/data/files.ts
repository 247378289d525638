import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '../base/errors.js';
import { syncFolder } from '../base/durable.js';
import { fileProblem } from '../base/file-problem.js';
import { makeFolder } from '../base/make-folder.js';

/** What a file of a data set must hold once unpacked. */
export interface DataFile {
  /** Name without `.gz`: a gzipped file is found too. */
  name: string;
  /** Length of the unpacked content. */
  bytes: number;
  /** Of the unpacked content, since compressed files differ between mirrors; absent where nobody published it. */
  sha256?: string;
  /** Of the published gzipped file, where that is the only checksum that anyone published. */
  packedMd5?: string;
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

/** Of a file as it lies on the disk, packed or not. */
export async function md5OfFile(path: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * Path of `name` or `name.gz` in `folder`, whichever exists.
 * @throws InvalidFile where something else is in its place, or it cannot be told
 */
export async function findFile(folder: string, name: string): Promise<string | undefined> {
  for (const candidate of [join(folder, name), join(folder, `${name}.gz`)]) {
    const found = await stat(candidate).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new InvalidFile(candidate, fileProblem(error));
    });
    if (found?.isFile()) return candidate;
    if (found) throw new InvalidFile(candidate, found.isDirectory() ? 'it is a folder' : 'it is no file');
  }
  return undefined;
}

/** What a file is that is named .gz and does not begin as gzip does. */
const notGzip = 'not gzip data, though its name ends in .gz (a page saved in its place?)';

/**
 * Unpacked content of a file. Gzip is recognised by its first two bytes, whatever the name says.
 * @param expected length of the content; default: any
 * @throws InvalidFile where it cannot be read, or is named .gz and neither packed nor of the `expected` length
 */
export async function readContent(path: string, expected?: number): Promise<Buffer> {
  const content = await readFile(path).catch((error: unknown) => {
    throw new InvalidFile(path, fileProblem(error));
  });
  if (isMisnamed(path, content, content.length, expected)) throw new InvalidFile(path, notGzip);
  return unpacked(content, path);
}

/**
 * Content, without gzip if it is packed.
 * @throws InvalidFile at `path` when it is cut short or damaged
 */
export async function unpacked(content: Buffer, path: string): Promise<Buffer> {
  if (!isGzip(content)) return content;
  try {
    return await promisify(gunzip)(content, { chunkSize: 1 << 20, maxOutputLength: 1 << 30 });
  } catch (error) {
    const truncated = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    throw new InvalidFile(path, truncated ? 'truncated gzip data' : 'corrupted gzip data');
  }
}

/**
 * Length of a file's unpacked content. Gzip ends with it; what is not of the `expected` length by that is unpacked, as
 * it may be cut short or made of several parts.
 */
export async function contentLength(path: string, expected: number): Promise<number> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const [start, end] = [Buffer.alloc(2), Buffer.alloc(4)];
      await file.read(start, 0, 2, 0);
      if (isMisnamed(path, start, size, expected)) throw new InvalidFile(path, notGzip);
      if (!isGzip(start)) return size;
      await file.read(end, 0, 4, Math.max(0, size - 4));
      if (end.readUInt32LE() === expected) return expected;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof InvalidFile ? error : new InvalidFile(path, fileProblem(error));
  }
  return (await readContent(path, expected)).length;
}

/** Whether content of so many bytes is none that a name in .gz can stand for: browsers unpack some and keep the name. */
function isMisnamed(path: string, start: Uint8Array, length: number, expected?: number): boolean {
  return path.endsWith('.gz') && !isGzip(start) && expected !== undefined && length !== expected;
}

function isGzip(content: Uint8Array): boolean {
  return content[0] === 0x1f && content[1] === 0x8b;
}

/** A file that is missing, truncated, corrupted or another one: never used in part. */
export class InvalidFile extends UserError {
  constructor(
    readonly path: string,
    readonly problem: string,
  ) {
    super(`invalid file ${path}: ${problem}`);
  }
}

/** Why `content` is not `expected`, as far as its checksum or else its length tells, or nothing. `siblings`: the other files of the set, to recognise a swap. */
export function contentProblem(
  content: Uint8Array,
  expected: DataFile,
  siblings: readonly DataFile[],
): string | undefined {
  const actual = sha256(content);
  if (actual === expected.sha256) return undefined;
  const swapped = siblings.find((sibling) => sibling.sha256 === actual);
  if (swapped) return `this is the content of ${swapped.name} (files swapped?)`;
  const problem = lengthProblem(content.length, expected);
  if (problem || expected.sha256 === undefined) return problem;
  return `corrupted or altered: SHA-256 of the content is ${actual}, expected ${expected.sha256}`;
}

/** Why content of so many bytes is not `expected`, or nothing. */
export function lengthProblem(length: number, expected: DataFile): string | undefined {
  if (length === expected.bytes) return undefined;
  const count = (bytes: number) => bytes.toLocaleString('en');
  const word = length < expected.bytes ? 'truncated' : 'too long';
  return `${word}: ${count(length)} bytes unpacked, expected ${count(expected.bytes)}`;
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
  makeFolder(dirname(path));
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
