import type { AxisValue } from '../config/axes.js';
import type { LoadedConfig } from '../config/loaded.js';
import type { SlurmKeys } from './slurm/keys.js';
import type { StudyFigure } from './figures.js';

/** One run of a sweep: an experiment and a seed. */
export interface PlannedRun extends LoadedConfig {
  /** Unique and stable within the sweep, for people and file names: slug, hash and seed. */
  id: string;
  /** The values of the sweep's axes, `seed` last. Absent where an include adds a run without the axis. */
  axes: ReadonlyMap<string, AxisValue>;
  /** The config's only one. */
  seed: number;
  /** The run folder, the same that `byzsim run` would write. */
  folder: string;
}

/** A base config and every combination of its axes. A config without axes is a sweep of its seeds. */
export interface Sweep {
  name: string;
  /** `out/name`, around all run folders. */
  folder: string;
  /** Dotted paths of what differs, in the order of the file, `seed` last. */
  axes: readonly string[];
  /** Of metrics.csv in the modes of the runs. */
  columns: readonly string[];
  /** What is drawn of it. */
  figures: readonly StudyFigure[];
  /** In the order of the file: the last axis varies fastest. No run twice. */
  runs: readonly PlannedRun[];
  /** What the file says for Slurm. */
  slurm: SlurmKeys;
}
