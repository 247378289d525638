import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/errors.js';
import { makeFolder, writeWhole } from '../results/files.js';
import { metaSum } from '../results/meta-file.js';
import { isOver } from '../study/run-state.js';
import { restoreRuns } from '../study/restore.js';
import {
  newSubmission,
  removeSubmission,
  writeJobs,
  writePlan,
  type Job,
  type Plan,
  type Submission,
} from '../sweep/plan-file.js';
import { shellWord } from '../sweep/shell.js';
import { chunksOf, scriptOf } from '../sweep/slurm/script.js';
import type { SlurmValue } from '../sweep/slurm/keys.js';
import { maxArraySize, submit } from '../sweep/slurm/slurm.js';
import type { PlannedRun, Sweep } from '../sweep/sweep.js';
import { queuedRuns, type QueuedRun, type QueuedRuns } from './queued-runs.js';
import type { SweepFlags } from './sweep-flags.js';
import type { States } from '../library/sweep-states.js';

/** Runs byzsim, as this process was run. */
const command = [process.execPath, fileURLToPath(new URL('../../bin/byzsim.js', import.meta.url))];

/**
 * Hands out the runs that are not done, as tasks of Slurm or as commands to print. Those that a process is doing, and
 * those that are in Slurm's queue already, are left to them. Exit status: 0.
 */
export async function handOut(
  sweep: Sweep,
  states: States,
  file: string,
  overrides: readonly string[],
  flags: SweepFlags,
): Promise<number> {
  const note = (text: string) => void (flags.quiet || process.stderr.write(`${text}\n`));
  const queued = queueFor(sweep, flags);
  const missing = sweep.runs.filter(({ id }) => !isOver(states.get(id)!));
  const waiting = missing.flatMap(({ id }) => queued.get(id) ?? []);
  const others = missing.filter(({ id }) => !queued.has(id));
  const runs = others.filter(({ id }) => states.get(id)!.status !== 'running');
  const running = others.length - runs.length;
  if (waiting.length > 0) note(describeQueued(waiting));
  if (running > 0) note(`${count(running, 'run')} under way already, left to the processes that do them`);
  if (runs.length === 0) {
    note(
      missing.length === 0 ? `nothing to do: ${count(sweep.runs.length, 'run')} done` : 'nothing to hand out',
    );
    return 0;
  }
  makeFolder(sweep.folder);
  await restoreRuns(sweep.folder, note);
  const submission = newSubmission(resolve(sweep.folder));
  const plan = planOf(sweep, runs, flags);
  writePlan(submission.plan, plan);
  if (flags.launcher === 'print') {
    for (const task of plan.tasks.keys())
      process.stdout.write(
        `${[...command, 'task', submission.plan, String(task)].map(shellWord).join(' ')}\n`,
      );
    return 0;
  }
  const jobs = submitOrRemove(sweep, plan, submission, flags);
  const ids = jobs.map(({ id }) => id);
  const words = [file, ...overrides, ...(flags.out === 'results' ? [] : ['--out', flags.out])]
    .map(shellWord)
    .join(' ');
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ jobs, tasks: plan.tasks.length, plan: submission.plan })}\n`);
  else
    process.stdout.write(
      `${count(runs.length, 'run')} in ${count(plan.tasks.length, 'task')}: ${ids.length === 1 ? 'job' : 'jobs'} ${ids.join(', ')}\n` +
        `  byzsim status ${words}\n  byzsim collect ${words}\n  squeue --jobs=${ids.join(',')}\n` +
        `  tail -f ${shellWord(join(relative('.', submission.folder), `${ids[0]}_0.log`))}\n`,
    );
  return 0;
}

/** The runs that are in Slurm's queue. @throws UserError where more are to be submitted and it cannot be told */
function queueFor({ folder }: Sweep, { launcher }: SweepFlags): QueuedRuns['runs'] {
  const { runs, unknown } = queuedRuns(folder);
  if (unknown === undefined) return runs;
  if (launcher === 'slurm')
    throw new UserError(
      `unavailable queue: ${unknown} (nothing is submitted, as runs may be in the queue already; try again when it answers)`,
    );
  process.stderr.write(`byzsim: unavailable queue: ${unknown}; runs that are in it are printed too\n`);
  return runs;
}

function planOf(sweep: Sweep, runs: readonly PlannedRun[], flags: SweepFlags): Plan {
  const { name, folder, axes, columns } = sweep;
  const { backend, device, threads, checkpointEvery, tensorboard, runsPerTask = 1 } = flags;
  const tasks = Array.from({ length: Math.ceil(runs.length / runsPerTask) }, (_, task) =>
    runs.slice(task * runsPerTask, (task + 1) * runsPerTask),
  );
  const options = { backend, device, threads, checkpointEvery, tensorboard };
  const replaces = new Map(flags.force ? runs.map((run) => [run.id, metaSum(run.folder)]) : []);
  return { name, folder, axes, columns, runs: sweep.runs, cwd: process.cwd(), options, tasks, replaces };
}

/** A submission of which Slurm takes nothing leaves nothing behind. */
function submitOrRemove(sweep: Sweep, plan: Plan, submission: Submission, flags: SweepFlags): Job[] {
  try {
    return submitAll(sweep, plan, submission, flags);
  } catch (error) {
    if (submission.jobs.length === 0) removeSubmission(submission);
    throw error;
  }
}

/** Submits an array, or several where there are more tasks than one may have. */
function submitAll(sweep: Sweep, { name, tasks }: Plan, submission: Submission, flags: SweepFlags): Job[] {
  const { setup, ...own } = sweep.slurm;
  const { time, partition, gres, limit, threads } = flags;
  const options: [string, SlurmValue | undefined][] = [
    ['cpus-per-task', threads],
    ...(Object.entries(own) as [string, SlurmValue][]),
    ['time', time],
    ['partition', partition],
    ['gres', gres],
  ];
  const given = Object.fromEntries(options.filter(([, value]) => value !== undefined)) as Record<
    string,
    SlurmValue
  >;
  const chunks = chunksOf(tasks.length, maxArraySize());
  const { jobs } = submission;
  for (const [k, chunk] of chunks.entries()) {
    const script = join(submission.folder, chunks.length === 1 ? 'array.sh' : `array-${k + 1}.sh`);
    const { folder, plan } = submission;
    afterOthers(jobs, () =>
      writeWhole(script, scriptOf({ name, chunk, limit, given, setup, folder, plan, command })),
    );
    jobs.push({ id: afterOthers(jobs, () => submit(script)), ...chunk });
    keep(submission);
  }
  return jobs;
}

/** @throws UserError where the last job would be forgotten: nothing else tells byzsim of it */
function keep(submission: Submission): void {
  const { jobs } = submission;
  try {
    writeJobs(submission, jobs);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { id } = jobs.at(-1)!;
    afterOthers(jobs.slice(0, -1), () => {
      throw new UserError(
        `${error.message}; job ${id} was submitted, and byzsim does not know of it: scancel ${id} ends it ` +
          '(or else its runs may be submitted twice)',
      );
    });
  }
}

/** Does what may fail when some jobs are submitted, and says so then. */
function afterOthers<T>(before: readonly Job[], body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (before.length === 0 || !(error instanceof UserError)) throw error;
    const ids = before.map(({ id }) => id).join(', ');
    throw new UserError(
      `${error.message}; submitted before: ${ids} (the same command goes on with the rest)`,
    );
  }
}

/** "3 runs in the queue already, left to their tasks (scancel 17 18 ends them)" */
function describeQueued(queued: readonly QueuedRun[]): string {
  const jobs = new Set(queued.map(({ task }) => task.split('_')[0]));
  const ends = `scancel ${[...jobs].join(' ')} ends ${queued.length === 1 ? 'it' : 'them'}`;
  return `${count(queued.length, 'run')} in the queue already, left to ${queued.length === 1 ? 'its task' : 'their tasks'} (${ends})`;
}

/** "3 runs" */
function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
