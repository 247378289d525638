import type { Backend, Device } from '../compute/engine.js';

/** How an experiment is run. */
export interface RunOptions {
  /** Keys to change, as on the command line: 'optimizer.learningRate=0.05'. Default: none. */
  overrides?: readonly string[];
  /** The folder around the experiment's. Default: results, below the current one. */
  out?: string;
  /** Default: auto, the best that loads. */
  backend?: Backend;
  device?: Device;
  /** Compute threads of a run. Default: one a core, or as many as there is memory for. */
  threads?: number;
  /** Runs again what is done. Default: false. */
  force?: boolean;
  /** Ends the runs under way when it aborts; what is done is kept, and a checkpoint of each. */
  signal?: AbortSignal;
  /** Told what goes on, a line each: which engine, which results. */
  onNote?: (text: string) => void;
}

/** For `signal` where none was given: one that never aborts. */
export function neverAborts(): AbortSignal {
  return new AbortController().signal;
}
