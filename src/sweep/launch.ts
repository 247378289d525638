import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileProblem } from '../base/file-problem.js';
import { UserError } from '../errors.js';
import { makeFolder } from '../results/files.js';
import { forget, readRunState, writeFailure, type RunState } from '../results/run-state.js';
import type { Message, Task } from './messages.js';
import type { PlannedRun } from './sweep.js';

/** Milliseconds that a process has for closing its files when the sweep is interrupted. */
const grace = 3000;

/** What the output of a run's process goes to, in the run folder. */
export const logFile = 'log.txt';

export interface LaunchOptions extends Pick<Task, 'backend' | 'device' | 'threads'> {
  jobs: number;
  /** Runs again what is done. */
  force: boolean;
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
  /** Also for runs that were not started because another process has done them, or is about to. */
  ended: (run: PlannedRun, state: RunState) => void;
}

/**
 * Runs each in a process of its own, `jobs` at once. A run that fails, however it does, has no bearing on others. Ends
 * when all have ended, or those in flight have been stopped.
 */
export async function launch(
  runs: readonly PlannedRun[],
  options: LaunchOptions,
  events: LaunchEvents,
): Promise<void> {
  const queue = [...runs];
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
  const work = async () => {
    try {
      for (let run = queue.shift(); run && !signal.aborted; run = queue.shift()) {
        const state = await launchOne(run, { ...options, signal }, { ...events, message });
        open();
        events.ended(run, state);
      }
    } catch (error) {
      broken.abort(error);
    } finally {
      open();
    }
  };
  await Promise.all([work(), ...Array.from({ length: options.jobs - 1 }, () => prepared.then(work))]);
  broken.signal.throwIfAborted();
}

async function launchOne(run: PlannedRun, options: LaunchOptions, events: LaunchEvents): Promise<RunState> {
  const { folder } = run;
  const { stateOf = () => readRunState(folder, run) } = options;
  if (options.force) forget(folder);
  // Another sweep may have come first.
  const before = stateOf(run);
  if (before.status === 'running' || 'summary' in before) return before;
  forget(folder);
  events.started(run);
  const { failure, interrupted } = await runChild(run, options, (message) =>
    events.message(run, message),
  ).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    return { failure: error.message, interrupted: false };
  });
  const state = stateOf(run);
  if (state.status === 'running' || 'summary' in state || interrupted) return state;
  const message = state.status === 'invalid' ? state.message : failure;
  writeFailure(folder, message);
  return { status: 'failed', message };
}

async function runChild(
  { config, needs, identity, seed, folder }: PlannedRun,
  { backend, device, threads, entry, signal }: LaunchOptions,
  onMessage: (message: Message) => void,
): Promise<{ failure: string; interrupted: boolean }> {
  const child = start(entry, folder);
  const task: Task = { config, needs, identity, seed, folder, backend, device, threads };
  child.send(task, () => {}); // A child that cannot start says so when it ends.
  let failure: string | undefined;
  child.on('message', (message: Message) => {
    if (message.kind === 'failed') failure = message.message;
    onMessage(message);
  });

  let late: NodeJS.Timeout | undefined;
  const stop = () => {
    if (child.connected) child.disconnect();
    late = setTimeout(() => child.kill('SIGKILL'), grace);
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const exit = await ended(child);
  clearTimeout(late);
  signal.removeEventListener('abort', stop);
  return { failure: failure ?? exit, interrupted: signal.aborted };
}

function start(entry: string | URL, folder: string): ChildProcess {
  makeFolder(folder);
  const log = openLog(join(folder, logFile));
  try {
    // The arguments are for the record: meta.json has them.
    return fork(entry, process.argv.slice(2), { stdio: ['ignore', log, log, 'ipc'] });
  } finally {
    closeSync(log);
  }
}

function openLog(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw new UserError(`cannot write ${file}: ${fileProblem(error)}`);
  }
}

/** How a process ended, after its last message. */
function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let reason: string | undefined;
    const check = () => {
      if (reason !== undefined && !child.connected) resolve(reason);
    };
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`cannot start a process: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      const memory = signal === 'SIGKILL' ? ' (out of memory, or by hand)' : '';
      reason = signal ? `killed by ${signal}${memory}` : `ended with status ${code}`;
      check();
    });
    child.once('disconnect', check);
  });
}
