import { join } from 'node:path';
import { UserError } from '../errors.js';
import { cifar10Archive, cifar10Files, cifar10Folder, cifar10Problem } from './cifar10.js';
import { download, DownloadError, type DownloadOptions } from './download.js';
import { contentProblem, findFile, moveInto, readContent, writeAtomically, type DataFile } from './files.js';
import { idxFiles, idxProblem, type IdxFile } from './idx.js';
import { mnistFiles, mnistFolder, mnistMirrors } from './mnist.js';
import { tarFiles } from './tar.js';

/** A data set whose files come from the web. */
export interface Source<F extends DataFile = DataFile> {
  /** Folder under the data directory. */
  folder: string;
  files: readonly F[];
  /** Why a file's unpacked content cannot be used, or nothing. */
  problem(content: Buffer, file: F): string | undefined;
  /** Fetches `files`, some of the above, into `folder`. */
  fetch(folder: string, files: readonly F[], options: DownloadOptions): Promise<void>;
}

const mnist: Source<IdxFile> = {
  folder: mnistFolder,
  files: idxFiles(mnistFiles),
  problem: (content, file) => idxProblem(content, file, mnist.files),
  async fetch(folder, files, options) {
    for (const file of files) await fetchGzipped(mnistMirrors, folder, file, mnist, options);
  },
};

const cifar10: Source = {
  folder: cifar10Folder,
  files: cifar10Files,
  problem: (content, file) => cifar10Problem(content, file.name),
  fetch: (folder, files, options) => fetchArchive(cifar10Archive, folder, files, options),
};

export const sources: ReadonlyMap<string, Source> = new Map([
  ['mnist', mnist],
  ['cifar10', cifar10],
]);

/** Fetches `file`.gz from the first of the mirrors whose content is right. */
export async function fetchGzipped(
  mirrors: readonly string[],
  folder: string,
  file: DataFile,
  { problem }: Pick<Source, 'problem'>,
  options: DownloadOptions,
): Promise<void> {
  const target = join(folder, `${file.name}.gz`);
  const accept = async (temporary: string) => {
    const wrong = problem(await readContent(temporary), file);
    if (wrong) throw new Error(wrong);
    await moveInto(temporary, target);
  };
  await download(
    mirrors.map((mirror) => `${mirror}${file.name}.gz`),
    target,
    accept,
    options,
  );
}

/** Fetches a .tar.gz and unpacks `files` of it into `folder`; other entries are left out. */
export async function fetchArchive(
  archive: { name: string; sha256: string; urls: readonly string[] },
  folder: string,
  files: readonly DataFile[],
  options: DownloadOptions,
): Promise<void> {
  const accept = async (temporary: string) => {
    const content = await readContent(temporary);
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

/** Files of a source that are not in the data directory. */
export async function missingFiles(directory: string, source: Source): Promise<DataFile[]> {
  const folder = join(directory, source.folder);
  const found = await Promise.all(source.files.map((file) => findFile(folder, file.name)));
  return source.files.filter((_, k) => found[k] === undefined);
}

/** Fetches the files of a source that are missing; without a network says which files to put where. */
export async function fetchMissing(
  name: string,
  source: Source,
  directory: string,
  options: DownloadOptions,
): Promise<void> {
  const missing = await missingFiles(directory, source);
  if (missing.length === 0) return;
  const folder = join(directory, source.folder);
  try {
    await source.fetch(folder, missing, options);
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    throw new UserError(
      `missing dataset: ${name}\n${error.message}\n` +
        `Put ${missing.map((file) => file.name).join(', ')} (gzipped or not) into ${folder}, or set BYZSIM_DATA_DIR ` +
        `to the folder that holds ${source.folder}/. The dataset digits is built in and needs no files.`,
    );
  }
}
