import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../base/errors.js';
import { runLock } from '../results/run-folder.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { isOver, readFailure } from '../study/run-state.js';
import { launch } from '../sweep/launch.js';
import { isToBeReplaced, readPlan, type Plan } from '../sweep/plan-file.js';
import type { PlannedRun } from '../sweep/sweep.js';
import { Interrupted, interruptible } from './interrupt.js';
import { shareMachine } from '../library/share-machine.js';
import { outliveOutput } from './streams.js';
import { createSweepProgress } from './sweep-progress.js';
import { describeTroubles, describeWaiting } from './sweep-report.js';
import { statesOf, writeResults, type DataNow } from '../library/sweep-states.js';

const entry = new URL('../run/child.js', import.meta.url);

/**
 * Does the runs of one task of a plan, one after another; the last of all tasks to end writes the tables. Exit status: 0,
 * 1 when a run ended early or failed, 75, 129, 130 or 143 when interrupted.
 */
export async function task(file: string, number: number, catalogue: Catalogue): Promise<number> {
  outliveOutput();
  const plan = readPlan(resolve(file));
  const runs = plan.tasks.at(number);
  if (!runs) throw new UserError(`invalid task: ${number} (${file} has tasks 0 to ${plan.tasks.length - 1})`);
  process.chdir(plan.cwd);
  const isForced = (run: PlannedRun) => isToBeReplaced(plan, run);
  const states = await statesOf({ runs }, catalogue, { isForced });
  const queue = runs.filter(({ id }) => !isOver(states.get(id)!));
  try {
    if (queue.length > 0)
      await interruptible(async (signal) => {
        const threads = plan.options.threads ?? allotted();
        const share = shareMachine(queue, { ...plan.options, threads, jobs: 1 });
        const progress = await createSweepProgress(plan.name, queue, 1, false);
        try {
          await launch(
            queue,
            { ...plan.options, ...share, entry, force: isForced, signal },
            {
              started: (run) => progress.started(run),
              message: (run, message) => progress.message(run, message),
              left: (run) => progress.left(run),
              waiting: (waited) => progress.note(describeWaiting(waited)),
              ended(run, state) {
                states.set(run.id, state);
                progress.ended(run, state);
              },
            },
          );
        } finally {
          progress.end();
        }
        signal.throwIfAborted();
      });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(`byzsim: ${error.message}; what is done is kept, the same task goes on\n`);
    return error.exitStatus;
  }
  process.stderr.write(describeTroubles({ runs }, states));
  if (plan.runs.every((run) => hasEnded(run) && !isForced(run))) await collectAll(plan, catalogue);
  return [...states.values()].every(({ status }) => status === 'done') ? 0 : 1;
}

/** The cores that Slurm has allotted to this task, where it has. */
function allotted(): number | undefined {
  const cores = Number(process.env.SLURM_CPUS_PER_TASK);
  return Number.isInteger(cores) && cores > 0 ? cores : undefined;
}

function hasEnded({ folder }: Plan['runs'][number]): boolean {
  const ended = existsSync(join(folder, 'summary.json')) || readFailure(folder) !== undefined;
  return ended && runLock(folder) === undefined;
}

async function collectAll(plan: Plan, catalogue: Catalogue): Promise<void> {
  const data: DataNow = new Map();
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  await writeResults(plan, await statesOf(plan, catalogue, { data }), data, note);
}
