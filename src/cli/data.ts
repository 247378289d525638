import { nearest } from '../base/suggest.js';
import { orAborted } from '../base/aborted.js';
import { isUserFiles } from '../data/dataset.js';
import { cacheDirectory, dataDirectory } from '../data/directory.js';
import { dataFolders, lookAt, type DataFolder, type FileReport, verifyFolder } from '../data/inspect.js';
import { UserError } from '../base/errors.js';
import { loadSweep } from '../sweep/load.js';
import { userSums } from '../data/user-files.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { Interrupted, interruptible } from './interrupt.js';
import { createReporter } from './reporter.js';

type Datasets = Catalogue['datasets'];

const folders = (datasets: Datasets) =>
  dataFolders(datasets, { data: dataDirectory(), cache: cacheDirectory() });

/** A table of the data sets that lie in files, or its JSON. */
export async function listData({ json }: { json?: boolean }, datasets: Datasets): Promise<string> {
  const rows = await Promise.all(
    [...folders(datasets)].map(async ([name, folder]) => {
      const { input, counts } = datasets.get(name)!;
      const { shape, classes } = isUserFiles(input) ? {} : input;
      const { whole, problems } = await lookAt(folder);
      const state = stateOf(folder, whole, problems.length);
      return { name, shape, classes, ...counts, path: folder.path, state, problems };
    }),
  );
  for (const problem of rows.flatMap(({ problems }) => problems))
    process.stderr.write(`byzsim: ${problem}\n`);
  const own = [...datasets.values()].flatMap(({ name, input }) =>
    isUserFiles(input) ? [{ name, state: 'your files', written: input.written }] : [],
  );
  if (json) return toJson([...rows, ...own]);
  return table([
    ['name', 'shape', 'classes', 'train', 'test', 'state', 'where'],
    ...rows.map(({ name, shape, classes, train, test, state, path }) =>
      [name, shape?.join('x'), classes, train, test, state, path].map(String),
    ),
    ...own.map(({ name, state, written }) => [name, '', '', '', '', state, `dataset: ${written}`]),
  ]);
}

function stateOf({ files, generated }: DataFolder, whole: number, damaged: number): string {
  if (whole === files.length) return 'present';
  if (generated) return 'built in';
  if (damaged > 0) return 'damaged';
  return whole === 0 ? 'missing' : `${whole} of ${files.length} files`;
}

/** Downloads or generates what is missing and prints where it lies. Exit status: 0, or 129, 130 or 143 when interrupted. */
export async function fetchData(
  name: string,
  flags: { json?: boolean; quiet?: boolean },
  datasets: Datasets,
): Promise<number> {
  const { path } = folderOf(name, datasets);
  const reporter = await createReporter(flags.quiet ?? false);
  try {
    await interruptible((signal) =>
      orAborted(
        datasets.get(name)!.load({ name }, { signal, onProgress: (progress) => reporter.progress(progress) }),
        signal,
      ),
    );
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(`byzsim: ${error.message}; nothing half-fetched is kept\n`);
    return error.exitStatus;
  }
  process.stdout.write(flags.json ? toJson({ name, path }) : `${path}\n`);
  return 0;
}

/**
 * Prints the state of every file of a data set, of the data sets that a config names, or of all. Exit status: 0, or 2 when
 * a file cannot be used or a data set asked for is missing.
 */
export async function verifyData(
  name: string | undefined,
  { json }: { json?: boolean },
  catalogue: Catalogue,
): Promise<number> {
  const { datasets } = catalogue;
  const reports: VerifiedSet[] = [];
  if (name !== undefined && /\.ya?ml$/i.test(name)) reports.push(...(await verifyNamed(name, catalogue)));
  else {
    const chosen = name === undefined ? [...folders(datasets)] : [[name, folderOf(name, datasets)] as const];
    for (const [dataset, folder] of chosen) reports.push({ dataset, files: await verifyFolder(folder) });
  }

  process.stdout.write(json ? toJson(reports) : table(reports.flatMap(describeFiles)));
  const files = reports.flatMap((report) => report.files);
  if (files.some(({ state }) => state === 'altered')) {
    process.stderr.write(
      'byzsim: altered files can be used, but their bytes are not the published ones: ' +
        'do not compare accuracies with published figures\n',
    );
  }
  if (files.some(({ state }) => state === 'unverified')) {
    process.stderr.write(
      'byzsim: unverified files are whole and can be used, but only the packed files as published have a known checksum\n',
    );
  }
  const unusable = files.filter(({ state }) => state === 'invalid' || (name && state === 'missing'));
  return unusable.length > 0 ? 2 : 0;
}

interface VerifiedSet {
  dataset: string;
  files: FileReport[];
}

/** The data sets that a config or a sweep names. What is wrong with the user's own is said as any mistake in a config. */
async function verifyNamed(file: string, catalogue: Catalogue): Promise<VerifiedSet[]> {
  const { runs } = await loadSweep(file, [], catalogue, { out: 'results' });
  const named = new Map(runs.map(({ config: { dataset } }) => [JSON.stringify(dataset), dataset]));
  const reports: VerifiedSet[] = [];
  for (const dataset of named.values()) {
    if (dataset.file === undefined) {
      const folder = folderOf(dataset.name, catalogue.datasets);
      reports.push({ dataset: dataset.name, files: await verifyFolder(folder) });
    } else {
      const sums = Object.entries(await userSums(dataset));
      const files = sums.map(([name, sum]) => ({ name, state: 'usable' as const, sha256: sum }));
      reports.push({ dataset: dataset.name, files });
    }
  }
  return reports;
}

function describeFiles({ dataset, files }: VerifiedSet): string[][] {
  if (files.every(({ state }) => state === 'missing')) return [[dataset, '', 'missing', '']];
  return files.map(({ name, state, sha256, problem }) => [
    dataset,
    name,
    state,
    problem ?? (sha256 ? `sha256 ${sha256}` : ''),
  ]);
}

function folderOf(name: string, datasets: Datasets): DataFolder {
  const known = folders(datasets);
  const folder = known.get(name);
  if (folder) return folder;
  if (datasets.has(name))
    throw new UserError(
      `invalid dataset: ${name} (it lies in files of yours; byzsim data verify CONFIG.yaml reads those of a config)`,
    );
  const guess = nearest(name, known.keys());
  throw new UserError(
    `unknown dataset: ${name} (${guess ? `did you mean ${guess}?` : `one of ${[...known.keys()].join(', ')}`})`,
  );
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Columns two spaces apart. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, k) => cell.padEnd(widths[k]))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}
