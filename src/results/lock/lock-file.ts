import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { lifeOf, startOf, type Life } from './process.js';

const contentSchema = z.object({
  pid: z.int().min(1),
  // It is shown on terminals.
  host: z.string().regex(/^\P{C}{1,255}$/u),
  started: z.string().optional(),
  token: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
});

/** A lock as it is seen from here. */
export interface SeenLock {
  /** Tells it from every other lock that was or will be at its path. */
  token: string;
  /** Who took it; nothing where the file does not say so. */
  holder?: { pid: number; host: string };
  life: Life;
  /** Milliseconds since its holder's last sign of life, by the clock of the file system. */
  silent: number;
}

/**
 * Takes a path for this process, if nothing is there. Returns the file's descriptor, or nothing. Where it cannot be
 * written, on a full disk say, nothing is left there.
 */
export function createLock(path: string, token: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  try {
    writeFileSync(descriptor, lockContent(token)); // whole, where writeSync may write a part on a disk that fills up
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    rmSync(path, { force: true }); // an empty one would pass for another process's
    throw error;
  }
}

/** What a lock of this process holds: always the same, so that it can be written again as a sign of life. */
export function lockContent(token: string): string {
  return JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid), token });
}

/** The lock at a path, if there is one. */
export function seeLock(path: string): SeenLock | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stats) return undefined;
  const content = readContent(path);
  const silent = () => Math.abs(now(path) - Number(stats.mtimeMs));
  if (!content) return { token: `${stats.ino}-${stats.mtimeNs}`, life: 'unknown', silent: silent() };
  const { pid, host, token = `${stats.ino}-${stats.mtimeNs}` } = content;
  const life = lifeOf(content, hostname());
  return {
    token,
    holder: { pid, host },
    life,
    silent: life === 'likely' || life === 'unknown' ? silent() : 0,
  };
}

function readContent(path: string): z.infer<typeof contentSchema> | undefined {
  try {
    return contentSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/**
 * The time of the file system that a lock lies on, in milliseconds: hosts that share a drive may disagree on the time,
 * but both their files have the time of the drive.
 */
function now(path: string): number {
  const probe = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const descriptor = openSync(probe, 'wx');
    try {
      writeSync(descriptor, ' ');
      return fstatSync(descriptor).mtimeMs;
    } finally {
      closeSync(descriptor);
      rmSync(probe, { force: true });
    }
  } catch {
    return Date.now(); // a drive that can only be read
  }
}
