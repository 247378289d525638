import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, schemaVersion, writeJson } from './files.js';
import type { SeenLock } from './lock/lock-file.js';
import { readSummary, runLock, type RunSummary } from './run-folder.js';

/** How a run of a study stands. Those that ended, done or diverged, have a summary. */
export type RunState =
  | { status: 'done' | 'diverged'; summary: RunSummary }
  | { status: 'failed'; message: string }
  | { status: 'running'; lock: SeenLock }
  /** Its rows so far are there; it begins anew when it is run again. */
  | { status: 'interrupted' }
  | { status: 'missing' };

/**
 * What a run folder says of its run.
 * @throws UserError when the folder was written by another version of the layout
 */
export function readRunState(folder: string): RunState {
  const lock = runLock(folder);
  if (lock) return { status: 'running', lock };
  const summary = readSummary(folder);
  if (summary) return { status: summary.status, summary };
  const message = readFailure(folder);
  if (message !== undefined) return { status: 'failed', message };
  return { status: existsSync(join(folder, 'metrics.csv')) ? 'interrupted' : 'missing' };
}

/** Notes why a run failed, until it is run again. */
export function writeFailure(folder: string, message: string): void {
  makeFolder(folder);
  writeJson(failureOf(folder), { schema: schemaVersion, message });
}

/** Forgets how a run ended, so that it counts as not run. */
export function forget(folder: string): void {
  for (const file of [failureOf(folder), join(folder, 'summary.json')]) rmSync(file, { force: true });
}

function readFailure(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(failureOf(folder), 'utf8')) as { message: string }).message;
  } catch {
    return undefined;
  }
}

function failureOf(folder: string): string {
  return join(folder, 'failure.json');
}
