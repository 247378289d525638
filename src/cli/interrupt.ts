import { constants } from 'node:os';
import { leave } from './leave.js';

/** EX_TEMPFAIL of sysexits.h, by which batch systems are asked to queue a job again. */
const tryAgain = 75;

/** The command was interrupted by a signal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor(readonly signalName: NodeJS.Signals) {
    super(`interrupted by ${signalName}`);
  }

  /** 128 and the signal's number, as shells have it; for SIGUSR2 that of a failure that will pass: run it again. */
  get exitStatus(): number {
    return this.signalName === 'SIGUSR2' ? tryAgain : 128 + constants.signals[this.signalName];
  }
}

/** Ctrl-C, what `kill` and batch systems send, a terminal or connection that is closed, a job whose time runs out. */
export const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const;

/** Bodies of interruptible that are under way. */
let bodies = 0;

/**
 * Answers SIGUSR2 while nothing else does, as Node would end with a status by which no batch system queues a job again.
 * The other signals end a process with the status that they have in `interruptible`, and at once, whatever it computes.
 */
export function answerEarly(): void {
  process.on('SIGUSR2', () => {
    if (bodies === 0) leave(tryAgain);
  });
}

/**
 * Runs `body` with a signal that aborts on the first interruption, its reason an Interrupted. A second one ends the
 * process at once.
 */
export async function interruptible<T>(body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals) => {
    const reason = new Interrupted(name);
    if (controller.signal.aborted) leave(reason.exitStatus);
    controller.abort(reason);
  };
  for (const name of interruptions) process.on(name, interrupt);
  bodies++;
  try {
    return await body(controller.signal);
  } finally {
    bodies--;
    for (const name of interruptions) process.off(name, interrupt);
  }
}
