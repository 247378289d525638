import { setTimeout as sleep } from 'node:timers/promises';
import { heldLock, HeldError, takeLock, type Lock } from './lock.js';
import { describeHeld, describeHolder, forcedSilenceLimit } from './messages.js';

/** Milliseconds between two looks at a lock. */
const interval = 250;

export interface WatchOptions {
  signal?: AbortSignal;
  /** Told once, before it takes time, what is waited for. */
  onWait?: (text: string) => void;
  /** Milliseconds of silence that are enough. */
  patience?: number;
}

/**
 * For a user who says that the holder of a lock is dead: waits until it has been silent for a while, which takes none
 * where it is known to be gone or has been silent for long. Then the lock can be taken with that patience.
 *
 * @param what it is of, for messages
 * @throws HeldError where it gives a sign of life, or is known to run, or may be: a process of its id does
 */
export async function watchLock(
  path: string,
  what: string,
  { signal, onWait, patience = forcedSilenceLimit }: WatchOptions = {},
): Promise<void> {
  let before = heldLock(path, patience);
  if (before?.life === 'unknown') {
    const seconds = Math.ceil((patience - before.silent) / 1000);
    onWait?.(`waiting up to ${seconds} s for a sign of life of ${describeHolder(before)}, which has ${what}`);
  }
  for (let seen = before; seen; seen = heldLock(path, patience)) {
    const silent = seen.token === before!.token && seen.silent >= before!.silent;
    if (seen.life !== 'unknown' || !silent) throw new HeldError(describeHeld(path, what, seen), seen);
    before = seen;
    await sleep(interval, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** Milliseconds between two tries to take a lock that is held for a moment. */
const tryInterval = 20;

/** Takes a lock that others hold for moments only, as soon as it is free. @param what it is of, for messages */
export async function takeLockWhenFree(path: string, what: string): Promise<Lock> {
  for (;;) {
    try {
      return takeLock(path, what);
    } catch (error) {
      if (!(error instanceof HeldError)) throw error;
      await sleep(tryInterval);
    }
  }
}
