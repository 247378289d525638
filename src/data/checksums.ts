import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetDefinition } from './dataset.js';
import { dataDirectory } from './directory.js';
import { findFile, InvalidFile, readContent, sha256 } from './files.js';

/**
 * SHA-256 of the files of a data set as they are on this machine now, by name, in the terms of Dataset.checksums. Files
 * that are not there are left out. A file of the user's is none of them: what it holds is part of an experiment's hash.
 *
 * @param directory as in LoadOptions
 */
export async function checksumsNow(
  { files }: DatasetDefinition,
  directory: string = dataDirectory(),
): Promise<Record<string, string>> {
  if (!files) return {};
  // A damaged cache is made anew, so what this version makes is what there is.
  if (!files.fetch) return Object.fromEntries(files.files.map((file) => [file.name, file.sha256!]));
  const sums: Record<string, string> = {};
  for (const { name } of files.files) {
    const path = await findFile(join(directory, files.folder), name);
    if (path) sums[name] = await sumOf(path);
  }
  return sums;
}

/** Of the unpacked content; of the packed one where it cannot be unpacked, which is no data file's. */
async function sumOf(path: string): Promise<string> {
  try {
    return sha256(await readContent(path, undefined));
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    return sha256(await readFile(path));
  }
}
