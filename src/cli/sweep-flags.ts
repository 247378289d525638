import type { EngineFlags } from '../run/run-seed.js';

/** What `byzsim sweep` is told. */
export interface SweepFlags extends Omit<EngineFlags, 'profile'> {
  dryRun?: boolean;
  out: string;
  jobs?: number;
  checkpointEvery?: number;
  tensorboard?: string;
  force?: boolean;
  quiet?: boolean;
  json?: boolean;
  check?: boolean;
  launcher?: 'local' | 'slurm' | 'print';
  runsPerTask?: number;
  limit?: number;
  time?: string;
  partition?: string;
  gres?: string;
}
