import type { Backend, Device } from '../compute/engine.js';
import type { LoadedConfig } from '../config/loaded.js';

/** What a child process is told: to do one run. */
export interface Task {
  loaded: LoadedConfig;
  seed: number;
  folder: string;
  backend: Backend;
  device: Device;
  threads: number;
  /** Runs it again if it is done. */
  force: boolean;
  /** See TakeOptions of results/lock. */
  patience?: number;
  /** Updates from one checkpoint to the next, where the config is not to say. */
  checkpointEvery?: number;
  /** Where its rows go for TensorBoard as well. */
  tensorboard?: string;
}

/** What it tells while it runs. How the run ended stands in the run folder. */
export type Message =
  /** For the record: which engine. */
  | { kind: 'note'; text: string }
  /** Data are being fetched or made. */
  | { kind: 'preparing'; text: string }
  /** All is loaded, updates begin, after those made before. */
  | { kind: 'began'; made: number }
  | { kind: 'update'; update: number }
  /** The latest result, "accuracy 97.10 %". */
  | { kind: 'evaluated'; text: string }
  /** The run has ended, and the process takes another. One that does not ends with its run. */
  | { kind: 'ended' }
  /** Why it cannot go on. */
  | { kind: 'failed'; message: string; /** Another process has the run folder. */ held: boolean };
