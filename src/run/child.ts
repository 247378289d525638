import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../base/errors.js';
import type { Message, Task } from '../sweep/messages.js';
import { describeResult, type Reporter } from './reporter.js';
import { HeldError, type Lock } from '../results/lock/lock.js';
import { logFile, takeRun } from '../results/run-folder.js';
import { sentenceOf } from '../base/explain.js';
import { collectSeldom } from './garbage.js';

/**
 * A process of a sweep, which does runs one after another. It ends when the sweep needs no more, or is gone; after a run that
 * failed or was long, beside which starting anew is nothing; and after one with a module of the user's own, which may
 * remember what it has seen.
 */

/** Milliseconds between messages about updates. */
const interval = 200;
/** Milliseconds after which a run that cannot be stopped ends with its process. Batch systems give some 30 s. */
const grace = 20_000;
/** Milliseconds that a run may take at most for the process to take another. */
const short = 60_000;

/** The log of the run at hand. */
let log: string | undefined;

collectSeldom();

const controller = new AbortController();
// The sweep stops its runs by closing the channel, which happens as well when it is killed: a run then keeps a checkpoint.
// Ctrl-C on a terminal, and whatever else is sent to all processes of a sweep, reaches this one too, and is the sweep's to
// answer.
process.on('disconnect', () => {
  controller.abort(new UserError('interrupted: the sweep has ended'));
  setTimeout(() => process.exit(1), grace).unref();
});
for (const name of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(name, () => {});
process.on('SIGTERM', () => {
  controller.abort(new UserError('interrupted by SIGTERM'));
  if (log === undefined) leave();
});
process.on('message', (task: Task) => void run(task));
// Nobody reads what it writes once the sweep is gone.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

async function run({
  loaded,
  seed,
  folder,
  force,
  patience,
  checkpointEvery,
  tensorboard,
  ...flags
}: Task): Promise<void> {
  log = join(folder, logFile);
  const began = performance.now();
  let lock: Lock | undefined;
  let failed = false;
  try {
    lock = takeRun(folder, { patience }); // before all that takes time: who looks sees that it is running
    const { prepare, runSeed } = await import('./run-seed.js');
    const { builtins } = await import('../simulation/catalogue.js');
    const { signal } = controller;
    const prepared = await prepare(loaded, builtins, flags, reporter, signal);
    await runSeed({
      loaded,
      seed,
      folder,
      prepared,
      reporter,
      signal,
      force,
      lock,
      checkpointEvery,
      tensorboard,
    });
  } catch (error) {
    const { message, stack } = error as Error;
    const sentence = sentenceOf(error);
    failed = true;
    process.exitCode = 2;
    write(sentence ?? stack ?? message);
    tell({ kind: 'failed', message: (sentence ?? message).split('\n')[0], held: error instanceof HeldError });
  }
  lock?.release();
  log = undefined;
  const { moduleFiles } = await import('../config/modules.js');
  const again =
    !failed &&
    !controller.signal.aborted &&
    performance.now() - began < short &&
    moduleFiles(loaded.config).length === 0;
  if (again) tell({ kind: 'ended' });
  else leave();
}

function leave(): void {
  if (process.connected) process.disconnect();
}

/** A line of the log, which is written even when the sweep is gone. */
function write(line: string): void {
  try {
    appendFileSync(log!, `${line}\n`);
  } catch {
    // What keeps the log from being written keeps the results from it as well, which then say so.
  }
}

function tell(message: Message): void {
  // The sweep may have closed the channel already: without the callback that would be an exception of nobody's.
  if (process.connected) process.send!(message, () => {});
}

let lastTold = 0;
const reporter: Reporter = {
  note(text) {
    write(text);
    tell({ kind: 'note', text });
  },
  begin: (_label, _steps, _unit, made) => tell({ kind: 'began', made }),
  update(update) {
    const now = performance.now();
    if (now - lastTold < interval) return;
    lastTold = now;
    tell({ kind: 'update', update });
  },
  evaluated(row) {
    write(`update ${row.update}  ${describeResult(row)}`);
    tell({ kind: 'evaluated', text: describeResult(row) });
  },
  progress: ({ what }) => tell({ kind: 'preparing', text: what }),
  end() {},
};
