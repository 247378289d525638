import { UserError } from '../base/errors.js';
import { HeldError } from '../results/lock/lock.js';
import { runLock } from '../results/run-folder.js';
import { isOver, readRunState, writeFailure, type RunState } from '../study/run-state.js';
import type { Message, Task } from './messages.js';
import { RunQueue } from './queue.js';
import { RunProcess, type RunEnd } from './run-process.js';
import type { PlannedRun } from './sweep.js';

export interface LaunchOptions extends Pick<
  Task,
  'backend' | 'device' | 'threads' | 'patience' | 'checkpointEvery' | 'tensorboard'
> {
  jobs: number;
  /** Whether a run is to begin anew, be it done, unless another process does it. */
  force: (run: PlannedRun) => boolean;
  /** How a run stands; default: what its folder says. */
  stateOf?: (run: PlannedRun) => RunState;
  /** The module that runs one Task. */
  entry: string | URL;
  /** No run is started once it aborts; those in flight are stopped. */
  signal: AbortSignal;
}

/** Called as runs go on. */
export interface LaunchEvents {
  started: (run: PlannedRun) => void;
  message: (run: PlannedRun, message: Message) => void;
  /** A run that was started is being done by another process, which was faster. */
  left?: (run: PlannedRun) => void;
  /** All other runs have ended, and other processes are doing these: they are waited for. */
  waiting?: (runs: readonly PlannedRun[]) => void;
  /** `here`: it was done by this sweep, not by another process. */
  ended: (run: PlannedRun, state: RunState, here: boolean) => void | Promise<void>;
}

/**
 * Runs them in processes beside this one, `jobs` at once. A run that fails, however it does, has no bearing on others. A run
 * that another process is doing is left to it and waited for at the end. Ends when all have ended, or those in flight
 * have been stopped.
 */
export async function launch(
  runs: readonly PlannedRun[],
  options: LaunchOptions,
  events: LaunchEvents,
): Promise<void> {
  // A sweep that cannot keep its books, on a full disk for instance, ends as a whole.
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  let open = () => {};
  // The first run fetches or makes the data that all need; the others wait until it has.
  const prepared = new Promise<void>((resolve) => (open = resolve));
  const message = (run: PlannedRun, message: Message) => {
    if (message.kind === 'began') open();
    events.message(run, message);
  };
  const queue = new RunQueue(
    runs,
    ({ folder }) => runLock(folder, options.patience) !== undefined,
    (held) => {
      open();
      events.waiting?.(held);
    },
  );
  const deferred = new Set<PlannedRun>();
  const work = async () => {
    const job = new Job();
    try {
      for (let run = await queue.next(signal); run; run = await queue.next(signal)) {
        const force = options.force(run) && !deferred.has(run);
        const { state, here } = await launchOne(
          run,
          job,
          { ...options, force, signal },
          { ...events, message },
        );
        if (state && (state.status !== 'running' || signal.aborted)) {
          open();
          await events.ended(run, state, here);
        } else {
          deferred.add(run);
          queue.defer(run);
        }
      }
    } catch (error) {
      broken.abort(error);
    } finally {
      job.end();
      open();
    }
  };
  await Promise.all([work(), ...Array.from({ length: options.jobs - 1 }, () => prepared.then(work))]);
  broken.signal.throwIfAborted();
}

/** How a run ended, and whether it was done here; without a state it is to be tried again. */
interface Launched {
  state?: RunState;
  here: boolean;
}

/** Of one run. */
type RunOptions = Omit<LaunchOptions, 'force'> & Pick<Task, 'force'>;

async function launchOne(
  run: PlannedRun,
  job: Job,
  options: RunOptions,
  events: LaunchEvents,
): Promise<Launched> {
  const { folder } = run;
  const { force, patience, stateOf = () => readRunState(folder, run, patience) } = options;
  // Another sweep may have come first.
  const lock = runLock(folder, patience);
  const before: RunState = lock ? { status: 'running', lock } : force ? { status: 'missing' } : stateOf(run);
  if (before.status === 'running' || isOver(before)) return { state: before, here: false };
  events.started(run);
  const child = await job.do(run, options, (message) => events.message(run, message));
  const state = stateOf(run);
  if (child.held || (state.status === 'running' && !child.interrupted)) {
    events.left?.(run);
    return { state: isOver(state) ? state : undefined, here: false };
  }
  // A result that was there before it was forced is none of this run's.
  if ((isOver(state) && !(force && child.failed)) || child.interrupted) return { state, here: true };
  const message = state.status === 'invalid' && !child.failed ? state.message : child.end;
  try {
    writeFailure(folder, message, { patience });
  } catch (error) {
    if (error instanceof HeldError) return { here: false };
    throw error;
  }
  return { state: { status: 'failed', message }, here: true };
}

/** The runs that one job of a sweep does, one after another, in one process as long as it takes them. */
class Job {
  private process: RunProcess | undefined;

  async do(
    { config, needs, identity, given, seed, folder }: PlannedRun,
    { backend, device, threads, force, patience, checkpointEvery, tensorboard, entry, signal }: RunOptions,
    onMessage: (message: Message) => void,
  ): Promise<RunEnd> {
    const loaded = { config, needs, identity, given };
    const flags = { backend, device, threads, force, patience, checkpointEvery, tensorboard };
    try {
      if (!this.process?.free) this.process = new RunProcess(entry);
      return await this.process.run({ loaded, seed, folder, ...flags }, onMessage, signal);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { end: error.message, failed: true, held: false, interrupted: false };
    }
  }

  end(): void {
    this.process?.dismiss();
  }
}
