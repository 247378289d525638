import { readFileSync, readlinkSync } from 'node:fs';

/** Whether a process is running, as far as can be told from here. */
export type Life =
  /** That very process is. */
  | 'running'
  /** One of its id is; it may be another, which got the id later. */
  | 'likely'
  /** It is not. */
  | 'gone'
  /** It is, or was, on another machine or in another container. */
  | 'unknown';

/** Where process ids mean the same: the boot of this machine and the namespace of its ids. Linux only. */
function idSpace(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/**
 * When a process started, in clock ticks since the boot, after the space of its id; together with the id they name one
 * process for ever. Nothing where that cannot be told, or the process is gone.
 */
export function startOf(pid: number): string | undefined {
  const space = idSpace();
  const [state, ...fields] = statusOf(pid) ?? [];
  // proc(5): the fields after the name are state (3), ..., starttime (22).
  return space === undefined || state === undefined || isEnded(state) ? undefined : `${space} ${fields[18]}`;
}

/**
 * Whether the process is running that wrote its id, its host and its start (as `startOf` has it).
 *
 * @param here the name of this host
 */
export function lifeOf(
  { pid, host, started }: { pid: number; host: string; started?: string },
  here: string,
): Life {
  const space = idSpace();
  if (started !== undefined && space !== undefined) {
    if (!started.startsWith(`${space} `)) return 'unknown';
    if (startOf(pid) === started) return 'running';
    return exists(pid) && startOf(pid) === undefined ? 'likely' : 'gone';
  }
  if (host !== here) return 'unknown';
  return exists(pid) ? 'likely' : 'gone';
}

function exists(pid: number): boolean {
  const [state] = statusOf(pid) ?? [];
  if (state !== undefined && isEnded(state)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The fields of /proc/PID/stat after the name, which may hold spaces and brackets. */
function statusOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** A process that has ended keeps its id until its parent has taken notice. */
function isEnded(state: string): boolean {
  return state === 'Z' || state === 'X';
}
