import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileKeys, type DatasetConfig } from './dataset.js';
import { findFile, InvalidFile, readContent, sha256 } from './files.js';
import { idxNames } from './idx-folder.js';

/** The paths that a config names of a data set of the user's: the first, then that of each parameter that is one. */
export function userPaths(dataset: DatasetConfig): string[] {
  const others = fileKeys.map((key) => dataset[key]).filter((value) => typeof value === 'string');
  return dataset.file === undefined ? [] : [dataset.file, ...others];
}

/** What the checksums of these files are called, in order: their names, or else their paths. */
export function userFileNames(dataset: DatasetConfig): string[] {
  const paths = userPaths(dataset);
  const names = paths.map((path) => basename(path));
  // Two files may have one name in two folders, and objects put keys that are whole numbers first.
  const areKeys = new Set(names).size === names.length && names.every((name) => !/^\d+$/.test(name));
  return areKeys ? names : paths;
}

/**
 * SHA-256 of what a data set of the user's holds, in the terms of Dataset.checksums: of the files that its config names,
 * or of the IDX files in a folder.
 */
export async function userSums(dataset: DatasetConfig): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  const names = userFileNames(dataset);
  for (const [k, path] of userPaths(dataset).entries()) {
    const isFolder = (await stat(path).catch(() => undefined))?.isDirectory();
    const files = isFolder ? await idxFilesIn(path) : { [names[k]]: path };
    for (const [name, file] of Object.entries(files)) sums[name] = sha256(await readContent(file));
  }
  return sums;
}

async function idxFilesIn(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of idxNames) {
    const file = await findFile(folder, name);
    if (!file) throw new InvalidFile(folder, `${name} is not there`);
    files[name] = file;
  }
  return files;
}
