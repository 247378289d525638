import { createHash } from 'node:crypto';
import type { StudyRun } from '../study/study-run.js';
import { trackedOf } from './study.js';
import { readTimes, valuesOf } from './tracked.js';

export interface MlflowPoint {
  /** Milliseconds since 1970. */
  timestamp: number;
  value: number;
  step: number;
}

/** A run as MLflow has it. */
export interface MlflowRun {
  /** 32 hexadecimal digits, the same for the same experiment and seed. */
  id: string;
  experiment: string;
  name: string;
  /** Milliseconds since 1970. */
  start: number;
  end: number;
  status: 'FINISHED' | 'FAILED';
  metrics: Map<string, MlflowPoint[]>;
  parameters: Record<string, string>;
  tags: Record<string, string>;
}

/** The parameters of a run that MLflow takes are shorter than this. */
const longest = 6000;

export function mlflowRunOf(run: StudyRun): MlflowRun {
  const { name, slug, hash, seed, hyperparameters, started } = trackedOf(run);
  const { status, wall_seconds: seconds, backend } = run.summary;
  const times = readTimes(run.path);
  const metrics = new Map<string, MlflowPoint[]>();
  for (const row of run.rows) {
    const timestamp = Math.round(1000 * (started + (times.get(row.update!) ?? seconds)));
    for (const [key, value] of Object.entries(valuesOf(row)))
      metrics.set(key, [...(metrics.get(key) ?? []), { timestamp, value, step: row.update! }]);
  }
  const start = Math.round(1000 * started);
  const label = `${slug}-${hash.slice(0, 8)}-seed-${seed}`;
  return {
    id: createHash('sha256').update(`${hash} ${seed}`).digest('hex').slice(0, 32),
    experiment: name,
    name: label,
    start,
    end: start + Math.round(1000 * seconds),
    status: status === 'done' ? 'FINISHED' : 'FAILED',
    metrics,
    parameters: Object.fromEntries(
      Object.entries(hyperparameters).map(([key, value]) => [key, String(value).slice(0, longest)]),
    ),
    tags: {
      'mlflow.runName': label,
      'byzsim.run': `${hash} ${seed}`,
      'byzsim.version': run.meta.byzsim ?? '',
      'byzsim.commit': run.meta.git?.commit ?? '',
      'byzsim.backend': backend,
    },
  };
}
