import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import { UserError } from '../errors.js';

/** The one version of what a run folder holds. Readers refuse folders of another version. */
export const schemaVersion = 1;

/** Makes a folder and those around it. */
export function makeFolder(path: string): void {
  guarded(path, () => mkdirSync(path, { recursive: true }));
}

/** Writes a file whole or not at all: to a temporary name, then renamed. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  guarded(path, () => {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  });
}

/** Writes a value as indented JSON, whole or not at all. */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, JSON.stringify(value, undefined, 2) + '\n');
}

export type Cell = number | string | undefined;

/** A CSV that grows by a row at a time; each row is in the file when `append` returns. */
export class CsvFile {
  private readonly descriptor: number;

  /** Starts the file anew with its header. */
  constructor(
    private readonly path: string,
    header: readonly string[],
  ) {
    this.descriptor = guarded(path, () => openSync(path, 'w'));
    this.append(header);
  }

  /** Numbers are written in full precision, undefined as an empty cell. */
  append(row: readonly Cell[]): void {
    const cells = row.map((cell) => (cell === undefined ? '' : String(cell)));
    guarded(this.path, () => writeSync(this.descriptor, stringify([cells])));
  }

  close(): void {
    guarded(this.path, () => fsyncSync(this.descriptor));
    closeSync(this.descriptor);
  }
}

/** Says which file could not be written, and why, in the user's terms. */
function guarded<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOSPC' ? 'no space left on the disk' : code === 'EACCES' ? 'no permission to write there' : message;
    throw new UserError(`cannot write ${path}: ${reason}`);
  }
}
