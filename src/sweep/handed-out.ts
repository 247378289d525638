import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UserError } from '../base/errors.js';
import { sizeOf } from '../base/size-of.js';
import { runLock } from '../results/run-folder.js';
import {
  isToBeReplaced,
  readPlan,
  removeSubmission,
  submissionIn,
  submissionsOf,
  type Plan,
  type Submission,
} from './plan-file.js';
import { queueOf, type Queue } from './slurm/slurm.js';
import type { PlannedRun } from './sweep.js';

/** The folder of tasks that were handed out at one time. */
export interface HandedOut {
  path: string;
  bytes: number;
  /** Whether something may still come of them, or what they printed may still be asked for. */
  needed: boolean;
  /** Why it is, or is not. */
  about: string;
}

/**
 * What is left of tasks that were handed out. They are over when none is in Slurm's queue, no process does one of their
 * runs, and each run has a result, or was handed out again since: before, what tasks printed may be all that says why.
 * Commands that were printed may be run at any time; they are over when each run has a result.
 *
 * @param folders `tasks/<n>` of studies
 * @returns also why the queue cannot be told, where that matters
 */
export function judgeHandedOut(folders: readonly string[]): { tasks: HandedOut[]; unknownQueue?: string } {
  const read = folders.map((folder) => whole(() => submissionIn(resolve(folder))));
  const jobs = read.flatMap((each) => (each instanceof Error ? [] : each.jobs.map(({ id }) => id)));
  const queue = queueOf(jobs);
  const tasks = folders.map((path, k) => {
    const submission = read[k];
    const verdict = whole(() => {
      if (submission instanceof Error) throw submission;
      return judge(submission, queue);
    });
    const judged = verdict instanceof Error ? { needed: true, about: verdict.message } : verdict;
    return { path, bytes: sizeOf(path), ...judged };
  });
  return { tasks, unknownQueue: 'unknown' in queue ? queue.unknown : undefined };
}

/** Removes it, and what is empty around it. */
export function removeHandedOut({ path }: Pick<HandedOut, 'path'>): void {
  removeSubmission({ folder: path });
}

/** @throws DamagedFile, MissingFile */
function judge(submission: Submission, queue: Queue): Pick<HandedOut, 'needed' | 'about'> {
  const { folder, jobs, plan: path } = submission;
  const study = dirname(dirname(folder));
  const plan = readPlan(path);
  const runs = runsOf(submission, plan);
  // Wherever the study lies by now.
  const folderOf = (run: PlannedRun) => join(study, relative(plan.folder, run.folder));
  const needed = (about: string) => ({ needed: true, about });
  if (jobs.length > 0) {
    if ('unknown' in queue) return needed('its tasks may be in the queue');
    const queued = jobs.flatMap(({ id, count }) => Array.from({ length: count }, (_, k) => `${id}_${k}`));
    const [first] = queued.filter((task) => queue.tasks.has(task));
    if (first !== undefined) return needed(`task ${first} is in the queue`);
  }
  if (runs.some((run) => runLock(folderOf(run)))) return needed('a process does one of its runs');
  const isOpen = ({ id }: PlannedRun, place: string) =>
    !existsSync(join(place, 'summary.json')) || isToBeReplaced(plan, { id, folder: place });
  const open = runs.filter((run) => isOpen(run, folderOf(run)));
  const again = jobs.length > 0 && open.length > 0 ? idsSince(submission, study) : new Set<string>();
  const waiting = open.filter(({ id }) => !again.has(id));
  if (waiting.length > 0) return needed(`${waiting.length} of its ${runs.length} runs have no result`);
  const what = runs.length === 1 ? 'its run has a result' : `its ${runs.length} runs have results`;
  return { needed: false, about: open.length === 0 ? what : `${what} or were handed out again` };
}

/** The runs that were handed out after those of a submission. @throws DamagedFile, MissingFile */
function idsSince({ folder }: Submission, study: string): Set<string> {
  const all = submissionsOf(study);
  const since = all.slice(1 + all.findIndex((each) => each.folder === folder));
  return new Set(since.flatMap((each) => runsOf(each, readPlan(each.plan))).map(({ id }) => id));
}

/** What was handed out of a plan: Slurm may have refused some of its arrays. */
function runsOf({ jobs }: Submission, { tasks }: Plan): PlannedRun[] {
  const submitted = jobs.flatMap(({ first, count }) => tasks.slice(first, first + count));
  return (jobs.length > 0 ? submitted : tasks).flat();
}

/** What `read` returns, or what is wrong with the file that it reads. */
function whole<T>(read: () => T): T | UserError {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}
