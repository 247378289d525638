import type { StudyRun } from '../study/study-run.js';
import { TensorBoardRun } from './tensorboard.js';
import { hyperparametersOf, readTimes, type Tracked } from './tracked.js';

/** What trackers are told of a finished run. */
export function trackedOf({ hash, seed, config, summary, meta }: StudyRun): Tracked {
  const { name, slug } = summary;
  const hyperparameters = hyperparametersOf(config, hash, seed);
  return { name, slug, hash, seed, hyperparameters, started: Date.parse(meta.started ?? '') / 1000 || 0 };
}

/** Writes the event files of finished runs below a folder, in place of those that are there. */
export function writeEvents(folder: string, runs: readonly StudyRun[]): void {
  for (const run of runs) {
    const tracked = trackedOf(run);
    const { status, wall_seconds: seconds } = run.summary;
    const times = readTimes(run.path);
    const events = new TensorBoardRun(folder, tracked);
    for (const row of run.rows) events.add(row, tracked.started + (times.get(row.update!) ?? seconds));
    events.close(status, tracked.started + seconds);
  }
}
