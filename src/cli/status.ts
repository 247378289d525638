import { join } from 'node:path';
import { openCheckpoint } from '../results/checkpoint-file.js';
import { describeHolder } from '../results/lock/messages.js';
import { DamagedFile, readText } from '../results/reading.js';
import { checkpointOf, logFile } from '../results/run-folder.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { RunState } from '../study/run-state.js';
import { loadSweep } from '../sweep/load.js';
import type { PlannedRun } from '../sweep/sweep.js';
import { queuedRuns, type QueuedRun } from './queued-runs.js';
import { statesOf } from '../library/sweep-states.js';

export interface StatusFlags {
  out: string;
  json?: boolean;
}

/** Of a log, as many lines are shown of a run that failed. */
const logLines = 5;

/** How a run stands, the queue included. */
interface Standing {
  id: string;
  status: RunState['status'] | 'queued';
  /** Updates made, as far as files tell, of so many. */
  update: number;
  updates: number;
  about?: string;
  log?: string[];
  path: string;
}

/** Shows what of a sweep is done, running, queued, failed. Exit status: 0. */
export async function status(
  file: string,
  overrides: string[],
  { out, json }: StatusFlags,
  catalogue: Catalogue,
): Promise<number> {
  const plan = await loadSweep(file, overrides, catalogue, { out });
  const states = await statesOf(plan, catalogue);
  const { runs: queue, unknown } = queuedRuns(plan.folder);
  const standings = plan.runs.map((run) => standingOf(run, states.get(run.id)!, queue.get(run.id)));
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ name: plan.name, path: plan.folder, unknownQueue: unknown, runs: standings }, undefined, 2)}\n`,
    );
    return 0;
  }
  if (unknown !== undefined)
    process.stderr.write(
      `byzsim: unavailable queue: ${unknown}; runs that are in it are shown as their files have them\n`,
    );
  for (const standing of standings) if (standing.status !== 'done') process.stdout.write(describe(standing));
  process.stdout.write(`${describeCounts(standings)} in ${plan.folder}\n`);
  return 0;
}

function standingOf(run: PlannedRun, state: RunState, queued: QueuedRun | undefined): Standing {
  const { id, folder, config } = run;
  const common = { id, path: folder, updates: config.updates };
  if ('summary' in state && !queued?.anew) {
    const { status, message, final } = state.summary;
    return { ...common, status, update: final.update ?? 0, about: message };
  }
  const update = queued?.anew ? 0 : updateOf(folder);
  if (state.status === 'running') {
    const task = queued ? `task ${queued.task}, ` : '';
    return {
      ...common,
      status: 'running',
      update,
      about: task + describeHolder(state.lock),
      log: lastLines(folder, 1),
    };
  }
  if (queued) {
    const { task, state: word, reason } = queued;
    return {
      ...common,
      status: 'queued',
      update,
      about: `task ${task}, ${word.toLowerCase()}${because(reason)}`,
    };
  }
  if (state.status === 'failed' || state.status === 'invalid')
    return {
      ...common,
      status: state.status,
      update,
      about: state.message,
      log: lastLines(folder, logLines),
    };
  return { ...common, status: state.status, update };
}

/** " (Priority)"; nothing where Slurm has no reason to tell. */
function because(reason: string): string {
  return ['', 'None'].includes(reason) ? '' : ` (${reason})`;
}

/** Of the last row, or of the checkpoint, whichever is further. */
function updateOf(folder: string): number {
  const rows = readQuietly(join(folder, 'timing.csv'))?.trimEnd().split('\n') ?? [];
  const row = parseInt(rows.at(-1) ?? '', 10);
  return Math.max(Number.isNaN(row) ? 0 : row, checkpointUpdate(folder));
}

function checkpointUpdate(folder: string): number {
  try {
    const checkpoint = openCheckpoint(checkpointOf(folder));
    checkpoint?.close();
    return checkpoint?.header.update ?? 0;
  } catch (error) {
    if (error instanceof DamagedFile) return 0;
    throw error;
  }
}

function lastLines(folder: string, most: number): string[] {
  const lines = readQuietly(join(folder, logFile))?.trimEnd().split('\n') ?? [];
  return lines.filter((line) => line !== '').slice(-most);
}

function readQuietly(file: string): string | undefined {
  try {
    return readText(file);
  } catch (error) {
    if (error instanceof DamagedFile) return undefined;
    throw error;
  }
}

function describe({ status, id, update, updates, about, log = [] }: Standing): string {
  const head = [status.padEnd('interrupted'.length), id, `${update}/${updates}`, about ?? '']
    .join('  ')
    .trimEnd();
  return [head, ...log.map((line) => `    ${line}`)].map((line) => `${line}\n`).join('');
}

/** "12 runs: 7 done, 2 running, 3 queued" */
function describeCounts(standings: readonly Standing[]): string {
  const statuses = standings.map(({ status }) => status);
  const parts = [...new Set(statuses)].map(
    (one) => `${statuses.filter((each) => each === one).length} ${one}`,
  );
  return `${statuses.length} ${statuses.length === 1 ? 'run' : 'runs'}: ${parts.join(', ')}`;
}
