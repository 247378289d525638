import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { UserError } from '../base/errors.js';
import { syncFolder } from '../base/durable.js';
import { fileProblem } from '../base/file-problem.js';
import { makeFolder as makeFolders } from '../base/make-folder.js';

/** The one version of what a run folder holds. Readers refuse folders of another version. */
export const schemaVersion = 1;

/** Makes a folder and those around it. */
export function makeFolder(path: string): void {
  guarded(path, () => makeFolders(path));
}

/**
 * Writes a file whole or not at all, also if the power fails: to a temporary name, which is synced before it is renamed,
 * or the name could be there before the content. A pipe or a device is written to as it is.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  guarded(path, () => (isStream(path) ? writeFileSync(path, content) : replaceFile(path, content)));
}

function replaceFile(path: string, content: string | Uint8Array): void {
  // Unique also among the containers that share a drive, where process ids are not.
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary); // part of a file only takes space
    throw error;
  }
}

/** What `writeWhole` gives a file until it is whole. */
const temporaryName = /\.[0-9a-f]{8}\.tmp$/;

/** Removes what processes that were killed left half-written in a folder: to be called where no other writes there. */
export function removeTemporaries(folder: string): void {
  for (const name of readdirSync(folder))
    if (temporaryName.test(name)) rmSync(join(folder, name), { force: true });
}

function isStream(path: string): boolean {
  const stats = existsSync(path) ? statSync(path) : undefined;
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

/** Removes the first of some folders that is empty, then the next; ends at one that is not, or cannot be removed. */
export function removeEmpty(...folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      return; // another process may have put something there
    }
  }
}

/** Writes a value as indented JSON, whole or not at all. */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, JSON.stringify(value, undefined, 2) + '\n');
}

/** SHA-256 of a text, in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export type CsvCell = number | string | undefined;

/** The first bytes of a file, and their SHA-256 in hex. */
export interface Beginning {
  bytes: number;
  sha256: string;
}

/** A CSV that grows by a row at a time; each row is in the file when `append` returns. */
export class CsvFile {
  private readonly descriptor: number;
  /** Bytes of whole rows. */
  private length = 0;
  private readonly hash = createHash('sha256');

  /**
   * Starts the file anew with its header, or goes on behind the beginning of one, whatever follows there.
   * @throws UserError where it cannot be written, or does not begin so
   */
  constructor(
    private readonly path: string,
    header: readonly string[],
    from?: Beginning,
  ) {
    this.descriptor = guarded(path, () => openSync(path, from ? 'r+' : 'w'));
    if (from) this.goOn(from);
    else this.append(header);
  }

  /** Reads the beginning, which is then where the next row goes. */
  private goOn({ bytes, sha256 }: Beginning): void {
    const buffer = Buffer.alloc(Math.min(bytes, 1 << 20));
    while (this.length < bytes) {
      const count = readSync(this.descriptor, buffer, 0, Math.min(buffer.length, bytes - this.length), null);
      if (count === 0) break;
      this.hash.update(buffer.subarray(0, count));
      this.length += count;
    }
    if (this.sum() !== sha256) {
      closeSync(this.descriptor);
      throw new UserError(`changed file: ${this.path} is not as it was`);
    }
    ftruncateSync(this.descriptor, bytes);
  }

  /**
   * Numbers are written in full precision, undefined as an empty cell.
   * @throws UserError where there is no space for the row
   */
  append(row: readonly CsvCell[]): void {
    const cells = row.map((cell) => (cell === undefined ? '' : String(cell)));
    guarded(this.path, () => this.write(Buffer.from(stringify([cells]))));
  }

  /** On a disk that is nearly full a write may stop half-way. What stays in the file is whole rows. */
  private write(row: Buffer): void {
    try {
      for (let written = 0; written < row.length;) written += writeSync(this.descriptor, row, written);
    } catch (error) {
      ftruncateSync(this.descriptor, this.length);
      throw error;
    }
    this.length += row.length;
    this.hash.update(row);
  }

  /** SHA-256 of what has been written, in hex. */
  sum(): string {
    return this.hash.copy().digest('hex');
  }

  /** Makes what has been written survive a power cut, and says what it is. */
  sync(): Beginning {
    guarded(this.path, () => fsyncSync(this.descriptor));
    return { bytes: this.length, sha256: this.sum() };
  }

  close(): void {
    try {
      this.sync();
    } finally {
      closeSync(this.descriptor);
    }
  }
}

/** Says which file could not be written, and why, in the user's terms. */
export function guarded<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`cannot write ${path}: ${fileProblem(error)}`);
  }
}
