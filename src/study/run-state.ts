import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Mapping } from '../base/mapping.js';
import { makeFolder, schemaVersion, writeJson } from '../results/files.js';
import { DamagedRun, readFinishedRun, type KnownExperiment } from './finished-run.js';
import type { SeenLock } from '../results/lock/lock-file.js';
import { takeLock, type TakeOptions } from '../results/lock/lock.js';
import type { Meta } from '../results/meta-file.js';
import type { Metrics } from '../results/metrics-file.js';
import { DamagedFile, LayoutError, readJson } from '../results/reading.js';
import { isBegun, lockOf, runLock, type EndStatus, type RunSummary } from '../results/run-folder.js';
import { dataOf, differingFiles } from './same-data.js';

/** How a run of a study stands. Those that ended, done or early, have a summary. */
export type RunState =
  | {
      status: EndStatus;
      summary: RunSummary;
      meta: Meta;
      metrics: Metrics;
    }
  | { status: 'failed'; message: string }
  /** It has ended and does not count: its files are not as they were written. It is run again. */
  | { status: 'invalid'; message: string }
  | { status: 'running'; lock: SeenLock }
  /** It was begun; it goes on from its checkpoint when it is run again, or begins anew where it has none yet. */
  | { status: 'interrupted' }
  | { status: 'missing' };

/** Whether a run has a result, be it that it ended early. */
export function isOver(state: RunState): boolean {
  return 'summary' in state;
}

/** The run that a folder should be of. */
export interface KnownRun extends KnownExperiment {
  seed: number;
}

/**
 * What a run folder says of its run.
 *
 * @param known the run that should be there; another one does not count
 * @param patience see TakeOptions
 * @throws LayoutError when the folder was written by another version of the layout
 */
export function readRunState(folder: string, known?: KnownRun, patience?: number): RunState {
  const lock = runLock(folder, patience);
  return lock ? { status: 'running', lock } : readSettledState(folder, known);
}

/** The same of a folder that no other process is writing. */
export function readSettledState(folder: string, known?: KnownRun): Exclude<RunState, { status: 'running' }> {
  try {
    const run = readFinishedRun(folder, known);
    if (run) {
      const { summary, meta, metrics } = run;
      if (known && (summary.hash !== known.identity.hash || summary.seed !== known.seed))
        return {
          status: 'invalid',
          message: `its files are of another run, ${summary.slug}-${summary.hash8}`,
        };
      return { status: summary.status, summary, meta, metrics };
    }
  } catch (error) {
    if (error instanceof DamagedRun) return { status: 'invalid', message: error.reason };
    if (!(error instanceof LayoutError)) throw error;
    throw new LayoutError(error.folder, error.layout, 'choose another --out, or use --force to run again');
  }
  const message = readFailure(folder);
  if (message !== undefined) return { status: 'failed', message };
  return { status: isBegun(folder) ? 'interrupted' : 'missing' };
}

/**
 * A state as it stands beside the data of this machine: a run that ended on other data does not count.
 * @param data SHA-256 of the files, by name; those that are not here say nothing
 */
export function heldToData(state: RunState, data: Mapping): RunState {
  const files = 'summary' in state ? differingFiles(dataOf(state), data) : [];
  if (files.length === 0) return state;
  const [is, file] = files.length === 1 ? ['is', 'the file that it was'] : ['are', 'the files that it was'];
  return { status: 'invalid', message: `${files.join(', ')} ${is} not ${file} computed on` };
}

/**
 * Notes why a run failed, until it is run again. What else it left is no result.
 * @throws HeldError where another process is running it
 */
export function writeFailure(folder: string, message: string, options?: TakeOptions): void {
  makeFolder(folder);
  const lock = takeLock(lockOf(folder), folder, options);
  try {
    rmSync(join(folder, 'summary.json'), { force: true });
    writeJson(failureOf(folder), { schema: schemaVersion, message });
  } finally {
    lock.release();
  }
}

const failureSchema = z.looseObject({ schema: z.literal(schemaVersion), message: z.string() });

/** Why the run of a folder failed, if it is known. */
export function readFailure(folder: string): string | undefined {
  try {
    return readJson(failureOf(folder), failureSchema)?.message;
  } catch (error) {
    if (error instanceof DamagedFile || error instanceof LayoutError) return error.message;
    throw error;
  }
}

function failureOf(folder: string): string {
  return join(folder, 'failure.json');
}
