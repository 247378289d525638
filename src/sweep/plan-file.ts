import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { AxisValue } from '../config/axes.js';
import { guarded, makeFolder, removeEmpty, writeJson, writeWhole } from '../results/files.js';
import { MissingFile, DamagedFile, parseText, readJson, readText, validate } from '../results/reading.js';
import { metaSum } from '../results/meta-file.js';
import type { Task } from './messages.js';
import type { PlannedRun, Sweep } from './sweep.js';

/**
 * plan.jsonl: a sweep for processes that run parts of it, wherever they are. A line of what holds for all; then a line a
 * run, in the order of the sweep, with the task that is to run it if one is.
 */

const header = z.object({
  byzsim: z.literal('plan 1'),
  name: z.string(),
  folder: z.string(),
  axes: z.array(z.string()),
  columns: z.array(z.string()),
  /** Where the command was given: folders are relative to it. */
  cwd: z.string(),
  runs: z.int().min(1),
  options: z.looseObject({}),
});
const line = z.looseObject({
  task: z.int().min(0).optional(),
  replaces: z.string().optional(),
  id: z.string(),
  folder: z.string(),
  seed: z.int(),
  axes: z.array(z.tuple([z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])])),
  config: z.looseObject({}),
  identity: z.looseObject({ hash: z.string() }),
  needs: z.looseObject({}),
  given: z.array(z.string()),
});

/** How the runs of a plan are computed. */
export type PlanOptions = Pick<Task, 'backend' | 'device' | 'checkpointEvery' | 'tensorboard'> &
  Partial<Pick<Task, 'threads'>>;

/** A sweep and its tasks: the runs of each, in order. */
export interface Plan extends Omit<Sweep, 'figures' | 'slurm'> {
  cwd: string;
  options: PlanOptions;
  tasks: PlannedRun[][];
  /**
   * Of runs that are to begin anew, by id: the metaSum of what was in their folders when they were handed out. That is
   * left until a task begins them; one that is queued again then goes on.
   */
  replaces: ReadonlyMap<string, string>;
}

/** Whether what is in the folder of a run is to be replaced still. */
export function isToBeReplaced(
  { replaces }: Pick<Plan, 'replaces'>,
  { id, folder }: Pick<PlannedRun, 'id' | 'folder'>,
): boolean {
  return replaces.has(id) && replaces.get(id) === metaSum(folder);
}

export function writePlan(
  path: string,
  { tasks, runs, name, folder, axes, columns, cwd, options, replaces }: Plan,
): void {
  const taskOf = new Map(tasks.flatMap((own, task) => own.map(({ id }) => [id, task] as const)));
  const lines = runs.map((run) => ({
    task: taskOf.get(run.id),
    replaces: replaces.get(run.id),
    ...run,
    axes: [...run.axes],
  }));
  const first = { byzsim: 'plan 1', name, folder, axes, columns, cwd, runs: runs.length, options };
  writeWhole(path, [first, ...lines].map((each) => `${JSON.stringify(each)}\n`).join(''));
}

/** What every plan begins with, of whatever version. */
const opening = '{"byzsim":"plan ';

/** Who writes plans, for messages. */
const writer = 'byzsim sweep FILE --launcher slurm or print writes one: results/NAME/tasks/1/plan.jsonl';

/** @throws MissingFile, DamagedFile */
export function readPlan(path: string): Plan {
  const text = readText(path);
  if (text === undefined) throw new MissingFile(path, writer);
  if (text !== '' && !text.startsWith(opening)) throw new DamagedFile(path, 'it is no plan.jsonl', writer);
  const [first, ...rest] = text.trimEnd().split('\n');
  const parsed = (content: string) => parseText(path, content, JSON.parse);
  const { runs: count, name, folder, axes, columns, cwd, options } = validate(path, parsed(first), header);
  if (rest.length !== count) throw new DamagedFile(path, `${rest.length} runs (${count} expected)`);
  const tasks: PlannedRun[][] = [];
  const replaces = new Map<string, string>();
  const runs = rest.map((content) => {
    const { task, replaces: sum, axes: pairs, ...own } = validate(path, parsed(content), line);
    const values = pairs.map(([key, value]): [string, AxisValue] => [key, value ?? undefined]);
    // The config is held against its hash when it is run.
    const run = { ...own, axes: new Map(values) } as unknown as PlannedRun;
    if (task !== undefined) (tasks[task] ??= []).push(run);
    if (sum !== undefined) replaces.set(run.id, sum);
    return run;
  });
  return {
    name,
    folder,
    axes,
    columns,
    cwd,
    options: options as unknown as PlanOptions,
    runs,
    tasks,
    replaces,
  };
}

/** One time that tasks of a study were handed out, and the jobs of them where Slurm has them. */
export interface Submission {
  folder: string;
  plan: string;
  jobs: Job[];
}

/** An array of Slurm: element 0 is task `first`. */
export interface Job {
  id: string;
  first: number;
  count: number;
}

const jobsSchema = z.array(z.object({ id: z.string(), first: z.int(), count: z.int() }));

function tasksFolder(study: string): string {
  return join(study, 'tasks');
}

/** A folder of its own for each: tasks of an earlier one may still be in a queue. */
export function newSubmission(study: string): Submission {
  const around = tasksFolder(study);
  makeFolder(around);
  return guarded(around, () => {
    for (let number = 1 + Math.max(0, ...numbersIn(around)); ; number++) {
      const folder = join(around, String(number));
      try {
        mkdirSync(folder);
        return { folder, plan: join(folder, 'plan.jsonl'), jobs: [] };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  });
}

/** Removes one of which nothing is to come, and the folders around it that have nothing else in them. */
export function removeSubmission({ folder }: Pick<Submission, 'folder'>): void {
  rmSync(folder, { recursive: true, force: true });
  removeEmpty(dirname(folder), dirname(dirname(folder)));
}

export function writeJobs({ folder }: Submission, jobs: readonly Job[]): void {
  writeJson(join(folder, 'jobs.json'), jobs);
}

/** All of a study, the latest last. @throws DamagedFile */
export function submissionsOf(study: string): Submission[] {
  const around = tasksFolder(study);
  return numbersIn(around)
    .sort((a, b) => a - b)
    .map((number) => submissionIn(join(around, String(number))));
}

/** The one whose folder it is. @throws DamagedFile */
export function submissionIn(folder: string): Submission {
  const jobs = readJson(join(folder, 'jobs.json'), jobsSchema) ?? [];
  return { folder, plan: join(folder, 'plan.jsonl'), jobs };
}

function numbersIn(folder: string): number[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
    : [];
}
