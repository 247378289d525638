import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, fsync, rmSync, statSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../base/errors.js';
import { guarded } from '../files.js';
import { createLock, lockContent, seeLock, type SeenLock } from './lock-file.js';
import { describeHeld, describeTakeOver, silenceLimit } from './messages.js';

/**
 * A file at a path says that one process has what the path stands for. The file is made exclusively, so only one process
 * can be the first. It is removed only by a process that holds a second lock, named after the very lock to be removed:
 * of several that find a holder dead, one removes its lock, and none can remove the fresh lock of another by mistake.
 * What holds that second lock is a lock like any other, so a process that dies in between blocks nobody.
 */

/** Milliseconds between signs of life: the file is written again. */
const beatInterval = 5_000;

/** Milliseconds to pause before a path is tried again that others are taking over. */
const pause = 5;
const mostTries = 1_000;

/** Another process holds the lock. */
export class HeldError extends UserError {
  constructor(
    message: string,
    readonly held: SeenLock,
  ) {
    super(message);
  }
}

/** A lock of this process. Its signs of life do not keep the process alive. */
export class Lock {
  private readonly timer: NodeJS.Timeout;
  private readonly inode: bigint;
  private released = false;

  /** @param takenOver from whom, a sentence; absent where nobody had it */
  constructor(
    readonly path: string,
    private readonly token: string,
    private readonly descriptor: number,
    readonly takenOver: string | undefined,
    interval: number,
  ) {
    this.inode = fstatSync(descriptor, { bigint: true }).ino;
    this.timer = setInterval(() => this.beat(), interval).unref();
  }

  /**
   * To be asked before each write: this process may have been stopped for so long that it passed for dead.
   * @throws UserError where another process has the lock, or none has
   */
  assertHeld(): void {
    if (statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino === this.inode) return;
    throw new UserError(
      `lost ${this.path}: it was removed, or another process took over while this one gave no sign of life; ` +
        'what it has not written yet is dropped',
    );
  }

  /** Lets go, unless another process has it by now. */
  release(): void {
    if (this.released) return;
    this.released = true;
    clearInterval(this.timer);
    closeSync(this.descriptor);
    guarded(this.path, () => removeLock(this.path, this.token, silenceLimit, () => true));
  }

  private beat(): void {
    try {
      writeSync(this.descriptor, lockContent(this.token), 0);
      // Network drives hold writes back until then.
      if (!this.released) fsync(this.descriptor, () => {});
    } catch {
      // On a full disk, say: the next one may do.
    }
  }
}

export interface TakeOptions {
  /** Milliseconds of silence after which a holder counts as dead of which that is not known otherwise. */
  patience?: number;
  /** Milliseconds between signs of life. */
  interval?: number;
}

/**
 * Takes the lock at a path. From a holder that is dead it is taken over.
 *
 * @param what it is of, for messages
 * @throws HeldError where another process has it
 */
export function takeLock(
  path: string,
  what: string,
  { patience = silenceLimit, interval = beatInterval }: TakeOptions = {},
): Lock {
  return guarded(path, () => {
    const taken = acquire(path, patience);
    if ('held' in taken) throw new HeldError(describeHeld(path, what, taken.held), taken.held);
    const { token, descriptor, dead } = taken;
    return new Lock(path, token, descriptor, dead && describeTakeOver(path, what, dead), interval);
  });
}

/** The lock at a path if a process has it that is not dead, as far as is known. */
export function heldLock(path: string, patience = silenceLimit): SeenLock | undefined {
  let seen: SeenLock | undefined;
  try {
    seen = seeLock(path);
  } catch {
    return undefined; // nothing in that folder can be seen
  }
  return seen && !isDead(seen, patience) ? seen : undefined;
}

function isDead({ life, silent }: SeenLock, patience: number): boolean {
  return life === 'gone' || (life !== 'running' && silent > patience);
}

type Taken =
  { token: string; descriptor: number; /** Who had it before. */ dead?: SeenLock } | { held: SeenLock };

function acquire(path: string, patience: number): Taken {
  const token = randomUUID();
  let dead: SeenLock | undefined;
  for (let tries = 0; tries < mostTries; tries++) {
    const descriptor = createLock(path, token);
    if (descriptor !== undefined) return { token, descriptor, dead };
    const seen = seeLock(path);
    if (!seen) continue;
    if (!isDead(seen, patience)) return { held: seen };
    if (removeLock(path, seen.token, patience, (lock) => isDead(lock, patience))) dead = seen;
    else sleep(pause);
  }
  throw new UserError(
    `cannot take ${path}: other processes keep taking it; where there are none, remove it and all files named ${basename(path)}.*`,
  );
}

/** Removes one certain lock, if it is still there and still to be removed; whether it did. */
function removeLock(
  path: string,
  token: string,
  patience: number,
  isWanted: (seen: SeenLock) => boolean,
): boolean {
  const claim = `${path}.${token}`;
  const claimed = acquire(claim, patience);
  if ('held' in claimed) return false;
  try {
    const seen = seeLock(path);
    if (seen?.token !== token || !isWanted(seen)) return false;
    rmSync(path);
    return true;
  } finally {
    closeSync(claimed.descriptor);
    rmSync(claim, { force: true });
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
