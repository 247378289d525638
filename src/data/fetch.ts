import { join } from 'node:path';
import { UserError } from '../base/errors.js';
import type { DataFiles, Dataset, LoadOptions } from './dataset.js';
import { dataDirectory } from './directory.js';
import { download, DownloadError, type DownloadOptions } from './download.js';
import {
  InvalidFile,
  contentProblem,
  findFile,
  md5OfFile,
  moveInto,
  readContent,
  unpacked,
  type DataFile,
  writeAtomically,
} from './files.js';
import { tarFiles } from './tar.js';
import { zipEntries } from './zip.js';

/** Fetches `file`.gz from the first of the mirrors whose content is right. */
export async function fetchGzipped(
  mirrors: readonly string[],
  folder: string,
  file: DataFile,
  problem: (content: Buffer) => string | undefined,
  options: DownloadOptions,
): Promise<void> {
  const target = join(folder, `${file.name}.gz`);
  const accept = async (temporary: string) => {
    const wrong = problem(await readContent(temporary, file.bytes));
    if (wrong) throw new Error(wrong);
    await requireMd5(temporary, file.packedMd5);
    await moveInto(temporary, target);
  };
  await download(
    mirrors.map((mirror) => `${mirror}${file.name}.gz`),
    target,
    accept,
    options,
  );
}

/** @throws Error when the file at `path` has another MD5 than the expected one, if there is one */
async function requireMd5(path: string, expected: string | undefined): Promise<void> {
  if (expected === undefined) return;
  const actual = await md5OfFile(path);
  if (actual !== expected) throw new Error(`corrupted or altered: MD5 is ${actual}, expected ${expected}`);
}

/** A published archive of several files. */
export interface Archive {
  name: string;
  /** Of the archive, where no checksums of its files are known. */
  md5?: string;
  urls: readonly string[];
}

/** Fetches a .tar.gz and unpacks `files` of it into `folder`; other entries are left out. */
export async function fetchArchive(
  archive: Archive,
  folder: string,
  files: readonly DataFile[],
  options: DownloadOptions,
): Promise<void> {
  const accept = async (temporary: string) => {
    await requireMd5(temporary, archive.md5);
    const content = await readContent(temporary, undefined);
    const entries = new Map([...tarFiles(content)].map(([path, bytes]) => [path.split('/').at(-1), bytes]));
    const unpacked = files.map((file) => {
      const bytes = entries.get(file.name);
      const wrong = bytes ? contentProblem(bytes, file, files) : 'not in the archive';
      if (wrong) throw new Error(`${file.name}: ${wrong}`);
      return { path: join(folder, file.name), bytes: bytes! };
    });
    for (const { path, bytes } of unpacked) await writeAtomically(path, bytes);
  };
  await download(archive.urls, join(folder, archive.name), accept, options);
}

/**
 * Fetches a .zip and writes the gzipped files of it whose unpacked names are those of `files` into `folder`, as they are;
 * other entries are left out.
 */
export async function fetchZip(
  archive: Archive,
  folder: string,
  files: readonly DataFile[],
  problem: (content: Buffer, file: DataFile) => string | undefined,
  options: DownloadOptions,
): Promise<void> {
  const accept = async (temporary: string) => {
    await requireMd5(temporary, archive.md5);
    const entries = await zipEntries(
      temporary,
      files.map(({ name }) => `${name}.gz`),
    );
    for (const file of files) {
      const bytes = entries.get(`${file.name}.gz`);
      const wrong = bytes ? problem(await unpacked(bytes, file.name), file) : 'not in the archive';
      if (wrong) throw new Error(`${file.name}: ${wrong}`);
    }
    for (const [name, bytes] of entries) await writeAtomically(join(folder, name), bytes);
  };
  await download(archive.urls, join(folder, archive.name), accept, options);
}

/** Files of a source that are not in the data directory. */
export async function missingFiles(directory: string, source: DataFiles): Promise<DataFile[]> {
  const folder = join(directory, source.folder);
  const found = await Promise.all(source.files.map((file) => findFile(folder, file.name)));
  return source.files.filter((_, k) => found[k] === undefined);
}

/** Fetches the files of a source that are missing; without a network says which files to put where. */
export async function fetchMissing(
  name: string,
  source: DataFiles,
  directory: string,
  options: DownloadOptions,
): Promise<void> {
  const missing = await missingFiles(directory, source);
  if (missing.length === 0) return;
  const folder = join(directory, source.folder);
  try {
    await source.fetch!(folder, missing, options);
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    throw new UserError(
      `missing dataset: ${name}\n${error.message}\n` +
        `Put ${missing.map((file) => file.name).join(', ')} (gzipped or not) into ${folder}, or set BYZSIM_DATA_DIR ` +
        `to the folder that holds ${source.folder}/. The dataset digits is built in and needs no files.`,
    );
  }
}

/**
 * Loads a data set from the web after fetching the files that are missing.
 * @throws UserError that names what is missing or wrong, and what to do
 */
export async function loadFetched(
  name: string,
  source: DataFiles,
  load: (directory: string) => Promise<Dataset>,
  options: LoadOptions,
): Promise<Dataset> {
  const directory = options.directory ?? dataDirectory();
  try {
    await fetchMissing(name, source, directory, options);
    return await load(directory);
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    throw new UserError(`${error.message}\nDelete it; byzsim data fetch ${name} gets it anew.`);
  }
}
