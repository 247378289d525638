import { existsSync } from 'node:fs';
import { readPlan, submissionsOf } from '../sweep/plan-file.js';
import { queueOf, type Queued } from '../sweep/slurm/slurm.js';

/** A run that a task in Slurm's queue is to do. */
export interface QueuedRun extends Queued {
  /** "17_3" */
  task: string;
}

/** The runs of a study that are in Slurm's queue, by id; none where Slurm cannot be asked. */
export function queuedRuns(study: string): Map<string, QueuedRun> {
  const submissions = submissionsOf(study).filter(({ jobs, plan }) => jobs.length > 0 && existsSync(plan));
  const queue = queueOf(submissions.flatMap(({ jobs }) => jobs.map(({ id }) => id)));
  const runs = new Map<string, QueuedRun>();
  if (!queue || queue.size === 0) return runs;
  for (const { plan, jobs } of submissions) {
    const { tasks } = readPlan(plan);
    for (const { id, first, count } of jobs)
      for (let index = 0; index < count; index++) {
        const task = `${id}_${index}`;
        const queued = queue.get(task);
        if (queued) for (const run of tasks[first + index] ?? []) runs.set(run.id, { ...queued, task });
      }
  }
  return runs;
}
