import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digitsFiles } from './digits.js';
import { dataDirectory } from './directory.js';
import { sources } from './fetch.js';
import { findFile, InvalidFile, readContent, sha256 } from './files.js';
import { idxFiles } from './idx.js';

/**
 * SHA-256 of the files of a data set as they are on this machine now, by name, in the terms of Dataset.checksums. Files
 * that are not there are left out. Points have none: what their file holds is part of an experiment's hash.
 *
 * @param dataset as in a resolved config
 * @param directory as in LoadOptions
 */
export async function checksumsNow(
  dataset: { name: string },
  directory: string = dataDirectory(),
): Promise<Record<string, string>> {
  // A damaged cache is made anew, so what this version makes is what there is.
  if (dataset.name === 'digits')
    return Object.fromEntries(idxFiles(digitsFiles).map((file) => [file.name, file.sha256]));
  const source = sources.get(dataset.name);
  if (!source) return {};
  const sums: Record<string, string> = {};
  for (const { name } of source.files) {
    const path = await findFile(join(directory, source.folder), name);
    if (path) sums[name] = await sumOf(path);
  }
  return sums;
}

/** Of the unpacked content; of the packed one where it cannot be unpacked, which is no data file's. */
async function sumOf(path: string): Promise<string> {
  try {
    return sha256(await readContent(path));
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    return sha256(await readFile(path));
  }
}
