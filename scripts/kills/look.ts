import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openCheckpoint } from '../../src/results/checkpoint-file.js';
import type { Meta } from '../../src/results/meta-file.js';

/** Contents by path below a folder. */
export type Files = Map<string, string>;

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** All that does not depend on the clock: it is to be the same bytes, however often a study was interrupted. */
export function resultsOf(folder: string): Files {
  const names = ['metrics.csv', 'runs.csv', 'iterates.csv', 'config.yaml'];
  const files = filesBelow(folder).filter((path) => names.includes(basename(path)));
  // runs.csv ends with paths.
  return new Map(
    files.map((path) => [path.slice(folder.length), readFileSync(path, 'utf8').replaceAll(folder, '')]),
  );
}

/** The summaries of runs that are done. */
export function finishedIn(folder: string): Files {
  const summaries = filesBelow(folder).filter((path) => path.endsWith('summary.json') && isRun(path));
  return new Map(summaries.map((path) => [path, readFileSync(path, 'utf8')]));
}

function isRun(path: string): boolean {
  return /\/seed-\d+\/summary\.json$/.test(path);
}

/** How often the runs of a folder went on from a checkpoint. */
export function resumptionsIn(folder: string): number {
  const metas = filesBelow(folder).filter((path) => basename(path) === 'meta.json');
  const counts = metas.map((path) => (JSON.parse(readFileSync(path, 'utf8')) as Meta).resumed?.length ?? 0);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What is wrong in a folder after a kill: a file that is not whole, or a run that was done and is not any more. */
export function faultsIn(folder: string, finished: Files): string[] {
  const faults: string[] = [];
  for (const path of filesBelow(folder)) {
    try {
      requireWhole(path);
    } catch (error) {
      faults.push(`${path} is not whole: ${(error as Error).message}`);
    }
  }
  for (const [path, content] of finished)
    if (!existsSync(path) || readFileSync(path, 'utf8') !== content) faults.push(`${path} was lost`);
  return faults;
}

/** @throws Error where it is not; files with a temporary name are none yet */
function requireWhole(path: string): void {
  const name = basename(path);
  if (name.endsWith('.tmp') || name.startsWith('running.json')) return;
  if (name === 'checkpoint.bin') openCheckpoint(path)?.close();
  else if (name === 'checkpoint.aside.bin') throw new Error('a checkpoint was set aside');
  else if (name.endsWith('.json')) JSON.parse(readFileSync(path, 'utf8'));
  else if (name.endsWith('.csv') && !/(^|\n)[^\n]*\n$/.test(readFileSync(path, 'utf8')))
    throw new Error('it ends within a line');
}
