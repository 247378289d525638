import { join } from 'node:path';
import type { Registry } from '../base/definition.js';
import type { DataFiles, DatasetDefinition } from './dataset.js';
import {
  InvalidFile,
  contentLength,
  copyProblem,
  findFile,
  lengthProblem,
  md5OfFile,
  readContent,
  sha256,
  type DataFile,
} from './files.js';

/** Where byzsim looks for data: see directory.ts. */
export type Places = Record<DataFiles['place'], string>;

/** The files of one data set on this machine. */
export interface DataFolder extends Pick<DataFiles, 'files' | 'problem'> {
  path: string;
  /** Whether what is missing is made, not fetched. */
  generated: boolean;
}

export interface FileReport {
  name: string;
  /**
   * `altered`: usable, but not the published bytes; `unverified`: usable, and not the packed file that was published, so
   * that no known checksum is of it; `usable`: the user's own, which nobody published.
   */
  state: 'verified' | 'altered' | 'unverified' | 'usable' | 'missing' | 'invalid';
  path?: string;
  /** Of the unpacked content. */
  sha256?: string;
  problem?: string;
}

/** Every data set that lies in known files, by name. */
export function dataFolders(
  datasets: Registry<DatasetDefinition>,
  places: Places,
): ReadonlyMap<string, DataFolder> {
  return new Map(
    [...datasets].flatMap(([name, { files }]) =>
      files
        ? [
            [
              name,
              { ...files, path: join(places[files.place], files.folder), generated: !files.fetch },
            ] as const,
          ]
        : [],
    ),
  );
}

/** What is in a folder, going by the sizes of files. */
export interface Presence {
  /** How many of its files are there and of the right size. */
  whole: number;
  /** What is there but cannot be used, a sentence each, with its path. */
  problems: string[];
}

/** Looks at a folder without reading all that is in it. */
export async function lookAt({ path, files }: DataFolder): Promise<Presence> {
  const found = await Promise.all(files.map((file) => sizeOf(path, file)));
  return {
    whole: found.filter((state) => state === 'whole').length,
    problems: found.filter((state) => typeof state === 'object').map(({ problem }) => problem),
  };
}

async function sizeOf(folder: string, file: DataFile): Promise<'whole' | 'missing' | { problem: string }> {
  try {
    const path = await findFile(folder, file.name);
    if (!path) return 'missing';
    const problem = lengthProblem(await contentLength(path, file.bytes), file);
    return problem ? { problem: `${path}: ${problem}` } : 'whole';
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    return { problem: `${error.path}: ${error.problem}` };
  }
}

/** Reads every file of a folder and compares it with what it must hold. */
export async function verifyFolder(folder: DataFolder): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  const sums: Record<string, string> = {};
  for (const file of folder.files) {
    const report = await verifyFile(folder, file);
    const copied = report.sha256 === undefined ? undefined : copyProblem(report.sha256, sums);
    reports.push(copied && !report.problem ? { ...report, state: 'invalid', problem: copied } : report);
    if (report.sha256 !== undefined) sums[report.name] = report.sha256;
  }
  return reports;
}

async function verifyFile(folder: DataFolder, file: DataFile): Promise<FileReport> {
  const { name } = file;
  let path: string | undefined;
  try {
    path = await findFile(folder.path, name);
    if (!path) return { name, state: 'missing' };
    const content = await readContent(path, file.bytes);
    const [checksum, problem] = [sha256(content), folder.problem(content, file)];
    if (problem) return { name, state: 'invalid', path, sha256: checksum, problem };
    return { name, state: await publishedState(path, checksum, file), path, sha256: checksum };
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    return { name, state: 'invalid', path: error.path, problem: error.problem };
  }
}

/** How the usable content of a file stands to what was published. */
async function publishedState(
  path: string,
  checksum: string,
  file: DataFile,
): Promise<'verified' | 'altered' | 'unverified'> {
  if (checksum === file.sha256) return 'verified';
  if (file.sha256 !== undefined) return 'altered';
  return (await md5OfFile(path)) === file.packedMd5 ? 'verified' : 'unverified';
}
