import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { isMapping } from '../base/mapping.js';
import { UserError } from '../base/errors.js';
import { fileProblem } from '../base/file-problem.js';
import { schemaVersion } from './files.js';

/**
 * The one door through which results come back. Files may have been cut short, edited, swapped or written by another
 * version since; nothing that was not held against its schema goes further.
 */

/** A file of results that is not as byzsim writes it. */
export class DamagedFile extends UserError {
  /** @param reason a sentence's end: "it is empty" */
  constructor(
    readonly file: string,
    readonly reason: string,
    remedy?: string,
  ) {
    super(`unreadable ${file}: ${printable(reason)}${remedy === undefined ? '' : `; ${remedy}`}`);
  }
}

/** A folder of another version of the layout: whole, but not for this version to judge or to write over. */
export class LayoutError extends UserError {
  constructor(
    readonly folder: string,
    readonly layout: number,
    remedy = 'leave it out, or run its config again into another folder',
  ) {
    super(`${folder} was written in layout ${layout}, this byzsim reads ${schemaVersion}: ${remedy}`);
  }
}

/** A file that others tell of is not there. */
export class MissingFile extends UserError {
  constructor(
    readonly file: string,
    why: string,
  ) {
    super(`missing ${file}: ${why}`);
  }
}

/** The text of a file; nothing where there is none. @throws DamagedFile */
export function readText(file: string): string | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats) return undefined;
    if (!stats.isFile()) throw new DamagedFile(file, `it is ${stats.isDirectory() ? 'a folder' : 'no file'}`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof DamagedFile) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DamagedFile(file, fileProblem(error));
  }
}

/** The value of a JSON file; nothing where there is none. @throws DamagedFile, LayoutError */
export function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const value = parseText(file, text, JSON.parse);
  const layout = isMapping(value) ? value.schema : undefined;
  if (Number.isInteger(layout) && layout !== schemaVersion)
    throw new LayoutError(dirname(file), layout as number);
  return validate(file, value, schema);
}

/** What a parser makes of a text: values that JSON has too, and none within itself. @throws DamagedFile */
export function parseText(file: string, text: string, parse: (text: string) => unknown): unknown {
  if (text.trim() === '') throw new DamagedFile(file, 'it is empty');
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new DamagedFile(file, (error as Error).message.split('\n')[0]);
  }
  if (!isShallow(value, mostLevels)) throw new DamagedFile(file, 'it is nested without end');
  return value;
}

/** A value if it fits the schema. @throws DamagedFile naming the first key that does not */
export function validate<T>(file: string, value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  const where = path.length > 0 ? `${path.join('.')}: ` : '';
  throw new DamagedFile(file, `${where}${message.replace(/^Invalid input: /, '')}`);
}

/** Far more than byzsim writes; an alias to itself, which YAML has, goes on for ever. */
const mostLevels = 32;

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((entry) => isShallow(entry, levels - 1));
}

/** Parts of a damaged file may be shown on a terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?');
}
