import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type Victim = 'command' | 'all' | 'child';

export interface End {
  /** Nothing where a signal ended it. */
  status: number | null;
  stderr: string;
  /** Whether a process was there to be killed. */
  killed: boolean;
  /** When those that it started have ended too. */
  gone: Promise<void>;
}

export interface Started {
  kill: (victim: Victim) => void;
  end: Promise<End>;
}

const binary = fileURLToPath(new URL('../../bin/byzsim.js', import.meta.url));

/** Starts byzsim in a process group of its own. */
export function start(words: readonly string[]): Started {
  const child = spawn(process.execPath, [binary, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const pid = child.pid!;
  let killed = false;
  let family: number[] = [];
  const kill = (victim: Victim) => {
    family = childrenOf(pid);
    const target = { command: pid, all: -pid, child: family[0] ?? pid }[victim];
    try {
      process.kill(target, 'SIGKILL');
      killed = true;
    } catch {
      // it had just ended
    }
  };
  const end = async (): Promise<End> => {
    const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
    return { status: child.exitCode, stderr, killed, gone: allGone(family) };
  };
  return { kill, end: end() };
}

/** Ids of the processes that one has started, as Linux has them. */
function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

async function allGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await setTimeout(10);
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')); // an orphan that nobody has asked about
  } catch {
    return false;
  }
}
