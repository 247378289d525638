import type { Backend, Device } from '../compute/engine.js';
import type { Config } from '../config/config.js';
import type { Identity } from '../config/identity.js';
import type { Needs } from '../config/needs.js';

/** What a child process is told: one run. */
export interface Task {
  config: Config;
  needs: Needs;
  identity: Identity;
  seed: number;
  folder: string;
  backend: Backend;
  device: Device;
  threads: number;
  /** Runs it again if it is done. */
  force: boolean;
  /** See TakeOptions of results/lock. */
  patience?: number;
}

/** What it tells while it runs. How the run ended stands in the run folder. */
export type Message =
  /** For the record: which engine. */
  | { kind: 'note'; text: string }
  /** Data are being fetched or made. */
  | { kind: 'preparing'; text: string }
  /** All is loaded, updates begin. */
  | { kind: 'began' }
  | { kind: 'update'; update: number }
  /** The latest result, "accuracy 97.10 %". */
  | { kind: 'evaluated'; text: string }
  /** Why it cannot go on. */
  | { kind: 'failed'; message: string; /** Another process has the run folder. */ held: boolean };
