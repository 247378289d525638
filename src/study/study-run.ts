import type { Mapping } from '../base/mapping.js';
import type { Axes } from '../config/axes.js';
import type { Meta } from '../results/meta-file.js';
import type { RunSummary } from '../results/run-folder.js';
import type { MetricsRow } from '../simulation/columns.js';

/** A finished run as figures see it. */
export interface StudyRun {
  path: string;
  /** Of the experiment: equal for runs that differ only in their seed. */
  hash: string;
  seed: number;
  axes: Axes;
  /** Resolved, as it stands in config.yaml. */
  config: Mapping;
  /** How it ended. */
  summary: RunSummary;
  /** meta.json: versions, engine, commit, checksums, command line. */
  meta: Meta;
  columns: readonly string[];
  rows: readonly MetricsRow[];
}
