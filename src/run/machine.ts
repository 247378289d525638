import { availableParallelism, totalmem } from 'node:os';
import type { Backend, Device } from '../compute/engine.js';
import { mayUseGpu } from '../compute/engines.js';
import { reach } from '../compute/vectors/reach.js';
import type { Config } from '../config/config.js';
import { beyond, type Machine, type Needs } from '../config/needs.js';
import { UserError } from '../base/errors.js';

/** This machine, or the container in it, as a run on an engine sees it. Loads no engine. */
export function thisMachine(engine: { backend: Backend; device: Device }): Machine {
  // 0 or more than there is: not constrained.
  const constrained = process.constrainedMemory();
  const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  // TensorFlow keeps messages on its GPU; with the other engines they lie in the memory of the kernels.
  const onGpu = engine.backend !== 'onnx' && mayUseGpu(engine);
  return onGpu ? { memory } : { memory, messages: reach };
}

/** @throws UserError if a machine cannot hold a run with so many compute threads, and what to change */
export function requireMemory(
  machine: Machine,
  { config, needs }: { config: Config; needs: Needs },
  threads: number,
): void {
  const [issue] = beyond(machine, config, needs, threads);
  if (issue) throw new UserError(issue.message);
}

/** Threads or processes for each core: more take memory, and are no faster. */
const perCore = 4;

/** How many threads, or processes, this machine may be asked for at once. */
export function mostThreads(): number {
  return Math.max(2 * perCore, perCore * availableParallelism());
}
