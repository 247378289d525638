import { constants } from 'node:os';

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

/**
 * Runs `body` with a signal that aborts on the first interruption, its reason an Interrupted. A second one ends the
 * process at once.
 */
export async function interruptible<T>(body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals) => {
    const reason = new Interrupted(name);
    if (controller.signal.aborted) process.exit(reason.exitStatus);
    controller.abort(reason);
  };
  for (const name of interruptions) process.on(name, interrupt);
  try {
    return await body(controller.signal);
  } finally {
    for (const name of interruptions) process.off(name, interrupt);
  }
}
