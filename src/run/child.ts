import { UserError } from '../base/errors.js';
import type { Message, Task } from '../sweep/messages.js';
import { describeResult, type Reporter } from './reporter.js';
import { HeldError, type Lock } from '../results/lock/lock.js';
import { takeRun } from '../results/run-folder.js';
import { sentenceOf } from '../base/explain.js';

/** The process of one run of a sweep. It ends when the run has ended, or when the sweep is gone. */

/** Milliseconds between messages about updates. */
const interval = 200;
/** Milliseconds after which a run that cannot be stopped ends with its process. Batch systems give some 30 s. */
const grace = 20_000;

const controller = new AbortController();
// The sweep stops its runs by closing the channel, which happens as well when it is killed: a run then keeps a checkpoint.
// Ctrl-C on a terminal, and whatever else is sent to all processes of a sweep, reaches this one too, and is the sweep's to
// answer.
process.on('disconnect', () => {
  controller.abort(new Error('the sweep has ended'));
  setTimeout(() => process.exit(1), grace).unref();
});
for (const name of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(name, () => {});
process.on('SIGTERM', () => controller.abort(new UserError('interrupted by SIGTERM')));
process.once('message', (task: Task) => void run(task));

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
  let lock: Lock | undefined;
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
    process.exitCode = 2;
    process.stderr.write(`${sentence ?? stack ?? message}\n`);
    tell({ kind: 'failed', message: (sentence ?? message).split('\n')[0], held: error instanceof HeldError });
  }
  lock?.release();
  if (process.connected) process.disconnect();
}

function tell(message: Message): void {
  if (process.connected) process.send!(message);
}

let lastTold = 0;
const reporter: Reporter = {
  note(text) {
    process.stderr.write(`${text}\n`);
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
    process.stderr.write(`update ${row.update}  ${describeResult(row)}\n`);
    tell({ kind: 'evaluated', text: describeResult(row) });
  },
  progress: ({ what }) => tell({ kind: 'preparing', text: what }),
  end() {},
};
