import { HeldError, takeLock, type Lock } from '../../src/results/lock/lock.js';

/** What a contender is told: to take the lock at a path, at a time in milliseconds, or to let go. */
export type Order = { path: string; at: number } | 'release';

/** What it answers: whether it has the lock, or what went wrong. */
export type Answer = { holds: boolean } | { error: string };

let lock: Lock | undefined;

process.on('message', (order: Order) => {
  if (order === 'release') {
    lock?.release();
    process.send!('released');
  } else process.send!(attempt(order));
});
process.send!('ready');

function attempt({ path, at }: Exclude<Order, 'release'>): Answer {
  while (performance.timeOrigin + performance.now() < at); // all begin together
  try {
    lock = takeLock(path, 'the lock');
    return { holds: true };
  } catch (error) {
    return error instanceof HeldError ? { holds: false } : { error: (error as Error).message };
  }
}
