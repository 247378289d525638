import type { SeenLock } from './lock-file.js';

/**
 * Milliseconds after which a holder counts as dead of which that is not known otherwise, as on another host. A long
 * computation in one piece delays its signs of life, and a network drive passes them on late.
 */
export const silenceLimit = 300_000;

/** The same where a user says that it is dead. */
export const forcedSilenceLimit = 20_000;

/** "process 7 on node-3" */
export function describeHolder({ holder }: Pick<SeenLock, 'holder'>): string {
  return holder ? `process ${holder.pid} on ${holder.host}` : 'an unknown process';
}

/** Why something cannot be written, and what to do. `path`: of the lock. */
export function describeHeld(path: string, what: string, lock: SeenLock): string {
  const { holder, life, silent } = lock;
  if (!holder) {
    return (
      `${what} is locked by ${path}, which says not by whom and was written ${time(silent)} ago: ` +
      `remove it if no process is writing there (after ${time(silenceLimit)} it no longer counts; ` +
      `with --force after ${time(forcedSilenceLimit)})`
    );
  }
  const written = `${what} is being written by ${describeHolder(lock)}`;
  if (life === 'running') return `${written}: wait for it, or end it`;
  const force = life === 'unknown' ? `; with --force after ${time(forcedSilenceLimit)}` : '';
  return (
    `${written}, which gave a sign of life ${time(silent)} ago: wait for it, or remove ${path} if that process ` +
    `is gone (after ${time(silenceLimit)} of silence it counts as gone${force})`
  );
}

/** From whom a lock was taken over, and why. */
export function describeTakeOver(path: string, what: string, lock: SeenLock): string {
  if (!lock.holder)
    return `took over ${what}: its lock ${path} did not say whose it was, and was ${time(lock.silent)} old`;
  const reason = lock.life === 'gone' ? 'is gone' : `has given no sign of life for ${time(lock.silent)}`;
  return `took over ${what} from ${describeHolder(lock)}, which ${reason}`;
}

/** "12 s", "5 min" */
function time(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
