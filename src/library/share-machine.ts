import { availableParallelism } from 'node:os';
import { mayUseGpu } from '../compute/engines.js';
import { memoryOf, threadsWithin } from '../config/needs.js';
import { UserError } from '../base/errors.js';
import type { EngineFlags } from '../run/run-seed.js';
import { shareCores, type Share } from '../sweep/share.js';
import type { PlannedRun } from '../sweep/sweep.js';
import { mostThreads, requireMemory, thisMachine } from '../run/machine.js';

/** What was asked for. */
interface ShareFlags extends Pick<EngineFlags, 'backend' | 'device' | 'threads'> {
  jobs?: number;
}

/**
 * How many runs at once, of how many threads: what the flags say, or what the cores and the memory allow.
 *
 * @param runs to be done, at least one
 * @throws UserError where this machine has too little memory for one of them, or for as many as were asked for
 */
export function shareMachine(
  runs: readonly PlannedRun[],
  { jobs: askedJobs, threads: askedThreads, ...engine }: ShareFlags,
): Share {
  const machine = thisMachine(engine);
  for (const run of runs) requireMemory(machine, run, askedThreads ?? 1);
  const sizeOf = ({ needs }: PlannedRun) => memoryOf(machine, needs, askedThreads ?? 1);
  const { needs } = runs.reduce((largest, run) => (sizeOf(run) > sizeOf(largest) ? run : largest));
  const fitting = Math.floor(machine.memory / memoryOf(machine, needs, askedThreads ?? 1));
  if (askedJobs !== undefined && Math.min(askedJobs, runs.length) > fitting)
    throw new UserError(
      `invalid --jobs: ${askedJobs} (this machine has memory for ${fitting} of these runs at once)`,
    );
  const { jobs, threads } = shareCores({
    cores: availableParallelism(),
    runs: Math.min(runs.length, fitting),
    gpu: mayUseGpu(engine),
    jobs: askedJobs,
    threads: askedThreads,
  });
  if (jobs * threads > mostThreads())
    throw new UserError(
      `invalid --jobs: ${jobs} (with ${threads} threads each these are ${jobs * threads}, ` +
        `at most ${mostThreads()} on this machine)`,
    );
  const affordable = threadsWithin({ ...machine, memory: machine.memory / jobs }, needs);
  return { jobs, threads: askedThreads ?? Math.min(threads, affordable) };
}
