import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startOf } from '../../src/results/lock/process.js';

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
  let family: Process[] = [];
  const kill = (victim: Victim) => {
    family = childrenOf(pid);
    const target = { command: pid, all: -pid, child: family[0]?.pid ?? pid }[victim];
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

/** A process, and when it began: an id alone may be that of another by now. */
interface Process {
  pid: number;
  start: string | undefined;
}

/** The processes that one has started, as Linux has them. */
function childrenOf(pid: number): Process[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  const ids = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean) : [];
  return ids.map((id) => ({ pid: Number(id), start: startOf(Number(id)) }));
}

async function allGone(family: readonly Process[]): Promise<void> {
  while (family.some(({ pid, start }) => start !== undefined && startOf(pid) === start)) await setTimeout(10);
}
