import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { syncFolder } from '../base/durable.js';
import { fileProblem } from '../base/file-problem.js';
import type { Saved } from '../base/state.js';
import { guarded, type Beginning } from './files.js';
import { metaSchema } from './meta-file.js';
import { DamagedFile, parseText, validate } from './reading.js';

/**
 * checkpoint.bin: what a run remembers between two steps, in a file that is whole or is none. A line says what it is. Then
 * come records: one of JSON, of which run and how far it is, one for each part of the state, as V8 serializes it (all
 * numbers to the bit, typed arrays as they are), and last, without a name, the SHA-256 of all that. A record is the length
 * of its name and that of its content, the name, the content.
 */

const title = Buffer.from('byzsim checkpoint ');
const magic = Buffer.concat([title, Buffer.from('1\n')]);

/** No path of a part begins so. */
const headerName = '/header';

/** Of a record: the length of its name in four bytes, that of its content in eight, the least significant first. */
const headLength = 12;
const sumLength = 32;
/** Bytes that are read or written at once. */
const chunkLength = 1 << 24;

const beginningSchema: z.ZodType<Beginning> = z.object({ bytes: z.int().min(0), sha256: z.string() });

const headerSchema = z.looseObject({
  /** meta.json of the run. */
  meta: metaSchema,
  /** Steps made. */
  update: z.int().min(1),
  /** The files that grow by a row at a time, by name: as far as they are of these steps. */
  tables: z.record(z.string(), beginningSchema),
});

export type CheckpointHeader = z.infer<typeof headerSchema>;

/**
 * Writes a checkpoint in place of the one before, which stays until this one is whole. One process at a time writes to a
 * path.
 *
 * @param parts of the state, one at a time
 * @param confirm called before the new one takes its place; may throw
 * @throws UserError where it cannot be written
 */
export async function writeCheckpoint(
  path: string,
  header: CheckpointHeader,
  parts: AsyncIterable<readonly [path: string, saved: Saved]>,
  confirm: () => void,
): Promise<void> {
  const temporary = temporaryOf(path);
  rmSync(temporary, { force: true });
  // A file of its own, also where a process that lost the folder still has one of that name open.
  const descriptor = guarded(path, () => openSync(temporary, 'wx'));
  try {
    const writer = new Writer(descriptor);
    guarded(path, () => {
      writer.write(magic);
      writer.record(headerName, Buffer.from(JSON.stringify(header)));
    });
    for await (const [name, saved] of parts) guarded(path, () => writer.record(name, serialize(saved)));
    guarded(path, () => {
      writer.end();
      fsyncSync(descriptor);
    });
    confirm();
    guarded(path, () => {
      renameSync(temporary, path);
      syncFolder(dirname(path));
    });
  } finally {
    closeSync(descriptor);
    rmSync(temporary, { force: true }); // part of a file only takes space
  }
}

/** Removes the checkpoint of a run, if it has one, and what was written of another. */
export function removeCheckpoint(path: string): void {
  for (const file of [path, temporaryOf(path)]) rmSync(file, { force: true });
}

function temporaryOf(path: string): string {
  return `${path}.tmp`;
}

class Writer {
  private readonly hash = createHash('sha256');

  constructor(private readonly descriptor: number) {}

  record(name: string, content: Uint8Array): void {
    const bytes = Buffer.from(name);
    const head = Buffer.alloc(headLength);
    head.writeUInt32LE(bytes.length, 0);
    head.writeBigUInt64LE(BigInt(content.length), 4);
    for (const part of [head, bytes, content]) this.write(part);
  }

  end(): void {
    this.record('', this.hash.copy().digest());
  }

  write(bytes: Uint8Array): void {
    this.hash.update(bytes);
    for (let written = 0; written < bytes.length;) {
      const length = Math.min(chunkLength, bytes.length - written);
      written += writeSync(this.descriptor, bytes, written, length);
    }
  }
}

/** A checkpoint that is whole. */
export interface OpenCheckpoint {
  header: CheckpointHeader;
  /** Of the parts of the state. */
  paths: readonly string[];
  /** What a part saved. @throws DamagedFile where this version of Node does not understand it */
  read: (path: string) => Saved;
  close: () => void;
}

/**
 * The checkpoint at a path, or nothing where there is none. Every byte of it has been held against its checksum.
 * @throws DamagedFile where it is not whole, or none
 */
export function openCheckpoint(path: string): OpenCheckpoint | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DamagedFile(path, fileProblem(error));
  }
  try {
    const records = readRecords(path, descriptor);
    const own = records.get(headerName);
    if (!own) throw new DamagedFile(path, 'it does not say which run it is of');
    records.delete(headerName);
    const header = parseText(path, readAt(descriptor, own).toString(), JSON.parse);
    return {
      header: validate(path, header, headerSchema),
      paths: [...records.keys()],
      read: (name) => read(path, name, readAt(descriptor, records.get(name)!)),
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    if (error instanceof DamagedFile) throw error;
    throw new DamagedFile(path, fileProblem(error));
  }
}

function read(path: string, name: string, content: Buffer): Saved {
  try {
    return deserialize(content);
  } catch (error) {
    throw new DamagedFile(path, `${name} cannot be read (${(error as Error).message})`);
  }
}

/** Where the content of a record lies. */
interface Span {
  from: number;
  length: number;
}

/** All records by name. @throws DamagedFile where the file is not whole */
function readRecords(path: string, descriptor: number): Map<string, Span> {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) throw new DamagedFile(path, `it is ${stats.isDirectory() ? 'a folder' : 'no file'}`);
  if (stats.size === 0) throw new DamagedFile(path, 'it is empty');
  const part = (from: number, length: number): Buffer => {
    if (from + length > stats.size) throw new DamagedFile(path, 'it is cut short');
    return readAt(descriptor, { from, length });
  };
  const problem = beginningProblem(readAt(descriptor, { from: 0, length: magic.length }));
  if (problem !== undefined) throw new DamagedFile(path, problem);
  const records = new Map<string, Span>();
  for (let at = magic.length; ;) {
    const head = part(at, headLength);
    const nameLength = head.readUInt32LE(0);
    const content = { from: at + headLength + nameLength, length: Number(head.readBigUInt64LE(4)) };
    if (nameLength === 0) {
      const isLast = content.length === sumLength && content.from + sumLength === stats.size;
      const isRight = isLast && readAt(descriptor, content).equals(sumUpTo(descriptor, at));
      if (!isRight) throw new DamagedFile(path, 'it is not as it was written: its checksum is wrong');
      return records;
    }
    if (content.from + content.length > stats.size) throw new DamagedFile(path, 'it is cut short');
    records.set(part(at + headLength, nameLength).toString(), content);
    at = content.from + content.length;
  }
}

/** What is wrong with the first bytes of a file that should be a checkpoint. */
function beginningProblem(bytes: Buffer): string | undefined {
  if (bytes.equals(magic)) return undefined;
  if (bytes.every((byte) => byte === 0))
    return 'it begins with zeros: its content was lost, as in a power cut or on a failing disk';
  if (bytes.length < magic.length && magic.subarray(0, bytes.length).equals(bytes)) return 'it is cut short';
  if (bytes.subarray(0, title.length).equals(title))
    return 'it is of a version that wrote checkpoints otherwise';
  return 'it does not begin as a checkpoint does: something else was written there';
}

function sumUpTo(descriptor: number, end: number): Buffer {
  const hash = createHash('sha256');
  for (let from = 0; from < end; from += chunkLength)
    hash.update(readAt(descriptor, { from, length: Math.min(chunkLength, end - from) }));
  return hash.digest();
}

/** A part of a file, shorter where the file ends before. */
function readAt(descriptor: number, { from, length }: Span): Buffer {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const bytes = Math.min(chunkLength, length - filled);
    const count = readSync(descriptor, buffer, filled, bytes, from + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
