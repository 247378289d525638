import { existsSync } from 'node:fs';
import { isToBeReplaced, readPlan, submissionsOf } from '../sweep/plan-file.js';
import { queueOf, type Queued } from '../sweep/slurm/slurm.js';

/** A run that a task in Slurm's queue is to do. */
export interface QueuedRun extends Queued {
  /** "17_3" */
  task: string;
  /** Whether it is to begin anew, and has not yet. */
  anew: boolean;
}

/** The runs of a study that are in Slurm's queue, by id. */
export interface QueuedRuns {
  runs: Map<string, QueuedRun>;
  /** Why the queue cannot be told, where tasks were submitted that may be in it. */
  unknown?: string;
}

/** Asks Slurm where tasks of the study were submitted. @throws DamagedFile */
export function queuedRuns(study: string): QueuedRuns {
  const submissions = submissionsOf(study).filter(({ jobs, plan }) => jobs.length > 0 && existsSync(plan));
  const queue = queueOf(submissions.flatMap(({ jobs }) => jobs.map(({ id }) => id)));
  const runs = new Map<string, QueuedRun>();
  if ('unknown' in queue) return { runs, unknown: queue.unknown };
  if (queue.tasks.size === 0) return { runs };
  for (const { plan, jobs } of submissions) {
    const { tasks, replaces } = readPlan(plan);
    for (const { id, first, count } of jobs)
      for (let index = 0; index < count; index++) {
        const task = `${id}_${index}`;
        const queued = queue.tasks.get(task);
        if (!queued) continue;
        for (const run of tasks[first + index] ?? [])
          runs.set(run.id, { ...queued, task, anew: isToBeReplaced({ replaces }, run) });
      }
  }
  return { runs };
}
