import { z } from 'zod';
import type { Keys } from '../base/definition.js';
import { UserError } from '../base/errors.js';
import { isMapping, type Mapping } from '../base/mapping.js';
import { show } from '../base/describe.js';
import { backends, devices, type Backend, type Device } from '../compute/engine.js';
import { parseParameters } from '../config/parameters.js';

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

const count = z.int().min(1).optional();

/** Options that can be written down; the others are a signal and functions. */
const runKeys = {
  overrides: z.array(z.string()).optional(),
  out: z.string().min(1).optional(),
  backend: z.enum(backends).optional(),
  device: z.enum(devices).optional(),
  threads: count,
  force: z.boolean().optional(),
} satisfies Keys;

/** Of a sweep. */
export const jobs = { jobs: count } satisfies Keys;

/**
 * Options as they were given, whose types only TypeScript holds them to.
 * @param owner what takes them, for messages
 * @throws UserError for one that is not there, or has another value
 */
export function requireOptions(
  options: unknown,
  owner: string,
  own: Keys,
  functions: readonly string[],
): void {
  if (!isMapping(options))
    throw new UserError(`invalid options: ${show(options)} (expected an object such as {threads: 1})`);
  const others = ['signal', ...functions];
  const [issue] = parseParameters(options as Mapping, { ...runKeys, ...own }, owner, others).issues;
  if (issue) throw new UserError(issue.message);
}
