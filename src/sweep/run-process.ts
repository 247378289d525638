import { fork, type ChildProcess } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileProblem } from '../base/file-problem.js';
import { UserError } from '../base/errors.js';
import { makeFolder } from '../results/files.js';
import { logFile } from '../results/run-folder.js';
import type { Message, Task } from './messages.js';

/** Milliseconds that a process has for a checkpoint when the sweep is interrupted, beyond those that it gives itself. */
const grace = 25_000;

/** Milliseconds in which all that an ended process has written is read. */
const drainage = 2_000;

/** How a run ended, as far as its process says. */
export interface RunEnd {
  /** What it said or how it ended, "killed by SIGKILL". */
  end: string;
  failed: boolean;
  /** Another process has the run folder. */
  held: boolean;
  interrupted: boolean;
}

/**
 * The process of runs that follow each other. It says after a run whether it takes another one: starting takes longer than
 * a short run. Whatever it writes is in the log of the run at hand.
 */
export class RunProcess {
  private readonly child: ChildProcess;
  /** How it ended. */
  private readonly over: Promise<string>;
  private log: string | undefined;

  /** @param entry the module that runs Tasks */
  constructor(entry: string | URL) {
    // The arguments are for the record: meta.json has them.
    this.child = fork(entry, process.argv.slice(2), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.over = endOf(this.child);
    for (const output of [this.child.stdout, this.child.stderr])
      output?.on('data', (chunk: Buffer) => this.append(chunk));
  }

  /** Whether it can take a run. */
  get free(): boolean {
    const { connected, exitCode, signalCode } = this.child;
    return connected && exitCode === null && signalCode === null;
  }

  /**
   * Has a task done. It is stopped when the signal aborts: by closing the channel first, by force after a while.
   * @throws UserError where its log cannot be written
   */
  async run(task: Task, onMessage: (message: Message) => void, signal: AbortSignal): Promise<RunEnd> {
    const { child } = this;
    this.log = openLog(task.folder);
    let failure: string | undefined;
    let held = false;
    const ended = new Promise<string | undefined>((resolve) => {
      const onEach = (message: Message) => {
        if (message.kind === 'failed') ({ message: failure, held } = message);
        if (message.kind !== 'ended') return onMessage(message);
        child.off('message', onEach);
        resolve(undefined);
      };
      child.on('message', onEach);
      void this.over.then(resolve);
    });
    child.send(task, () => {}); // A child that cannot start says so when it ends.

    let late: NodeJS.Timeout | undefined;
    const kill = () => void child.kill('SIGKILL');
    const stop = () => {
      this.dismiss();
      late = setTimeout(kill, grace);
      process.once('exit', kill); // a second signal waits for nothing
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const end = await ended;
    clearTimeout(late);
    process.off('exit', kill);
    signal.removeEventListener('abort', stop);
    const failed = failure !== undefined || (end !== undefined && child.exitCode !== 0);
    return { end: failure ?? end ?? '', failed, held, interrupted: signal.aborted };
  }

  /** It ends, as soon as it has nothing to do. */
  dismiss(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private append(chunk: Buffer): void {
    try {
      if (this.log !== undefined) appendFileSync(this.log, chunk);
    } catch {
      // What keeps the log from being written keeps the run from it as well, which then says so.
    }
  }
}

/** Begins the log of a run. */
function openLog(folder: string): string {
  makeFolder(folder);
  const file = join(folder, logFile);
  try {
    writeFileSync(file, '');
    return file;
  } catch (error) {
    throw new UserError(`cannot write ${file}: ${fileProblem(error)}`);
  }
}

/** How a process ended, after its last message and all that it wrote. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let reason: string | undefined;
    // Node emits no 'close' for a process whose channel this side has closed.
    const open = new Set([child.stdout, child.stderr]);
    const check = () => {
      if (reason !== undefined && !child.connected && open.size === 0) resolve(reason);
    };
    for (const output of open) {
      output?.once('close', () => {
        open.delete(output);
        check();
      });
    }
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`cannot start a process: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      const memory = signal === 'SIGKILL' ? ' (out of memory, or by hand)' : '';
      reason = signal ? `killed by ${signal}${memory}` : `ended with status ${code}`;
      check();
      // A process that it has left behind may hold what it wrote to.
      setTimeout(() => {
        open.clear();
        check();
      }, drainage).unref();
    });
    child.once('disconnect', check);
  });
}
