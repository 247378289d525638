import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer, Order } from './contender.js';

/** What became of one round: how many got the lock, what else was wrong. */
export interface Round {
  lock: string;
  holders: number;
  errors: string[];
}

const contender = fileURLToPath(new URL('contender.ts', import.meta.url));

/** An id that no process has. */
const nobody = 2 ** 22 + 1;

/** In one round of so many the holder is killed, and another process takes its place. */
const killEvery = 5;

/** Locks that nobody holds, and how old they are in seconds. */
const dead: readonly { lock: string; content: string; age: number }[] = [
  { lock: 'of a process that is gone', content: json({ pid: nobody, host: hostname() }), age: 0 },
  {
    lock: 'of a process that is gone, with a token',
    content: json({ pid: nobody, host: hostname(), token: 'a' }),
    age: 0,
  },
  { lock: 'of another host, silent for long', content: json({ pid: 1, host: 'elsewhere' }), age: 3600 },
  { lock: 'unreadable and old', content: '', age: 3600 },
];

/**
 * Rounds in which some processes want one lock at the same time. It is left by a process that died with it in the round
 * before, or is one of those above.
 */
export async function contend(processes: number, rounds: number): Promise<Round[]> {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-locks-'));
  const path = join(folder, 'running.json');
  const contenders = await Promise.all(Array.from({ length: processes }, start));
  try {
    const results: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const lock = existsSync(path) ? 'of a process that was killed' : leave(path, dead[round % dead.length]);
      const answers = await ask(contenders, path);
      const errors = answers.flatMap((answer) => ('error' in answer ? answer.error : []));
      const holders = [...answers.keys()].filter((k) => 'holds' in answers[k] && answers[k].holds);
      const files = readdirSync(folder);
      if (files.length !== 1) errors.push(`files left behind: ${files.join(', ')}`);
      results.push({ lock, holders: holders.length, errors });
      for (const k of holders) {
        if (round % killEvery === 0) contenders[k] = await replace(contenders[k]);
        else await release(contenders[k]);
      }
    }
    return results;
  } finally {
    for (const child of contenders) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

/** Puts a dead lock there, and says of what kind it is. */
function leave(path: string, { lock, content, age }: (typeof dead)[number]): string {
  const time = Date.now() / 1000 - age;
  writeFileSync(path, content);
  utimesSync(path, time, time);
  return lock;
}

async function ask(contenders: readonly ChildProcess[], path: string): Promise<Answer[]> {
  const at = performance.timeOrigin + performance.now() + 20;
  const answers = contenders.map(async (child) => {
    child.send({ path, at } satisfies Order);
    const [answer] = (await once(child, 'message')) as [Answer];
    return answer;
  });
  return Promise.all(answers);
}

async function start(): Promise<ChildProcess> {
  const child = fork(contender, { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  return child;
}

async function release(child: ChildProcess): Promise<void> {
  child.send('release' satisfies Order);
  await once(child, 'message');
}

async function replace(child: ChildProcess): Promise<ChildProcess> {
  child.kill('SIGKILL');
  const [successor] = await Promise.all([start(), once(child, 'exit')]);
  return successor;
}

function json(value: object): string {
  return JSON.stringify(value);
}
