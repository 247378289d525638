import { fork } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  heldLock,
  HeldError,
  takeLock,
  type Lock,
  type TakeOptions,
} from '../../../src/results/lock/lock.js';
import { startOf } from '../../../src/results/lock/process.js';
import { watchLock } from '../../../src/results/lock/watch.js';
import { temporaryFolder } from '../../support/study.js';

const linux = process.platform === 'linux';
let path: string;
const taken: Lock[] = [];
beforeEach(() => (path = join(temporaryFolder(), 'running.json')));
afterEach(() => {
  for (const lock of taken.splice(0)) lock.release();
});

function take(options?: TakeOptions): Lock {
  const lock = takeLock(path, 'the run', options);
  taken.push(lock);
  return lock;
}

/** A lock of somebody else, written so many seconds ago. */
function leave(content: object | string, secondsAgo = 0): void {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const time = Date.now() / 1000 - secondsAgo;
  utimesSync(path, time, time);
}

/** An id that no process has. */
const nobody = 2 ** 22 + 1;
const elsewhere = { pid: 7, host: 'elsewhere' };

describe('a lock', () => {
  test('keeps others out until it is released, and leaves nothing', () => {
    const first = take();
    expect(() => take()).toThrow(HeldError);
    expect(() => take()).toThrow(
      `the run is being written by process ${process.pid} on ${hostname()}: wait for it`,
    );
    expect(first.takenOver).toBeUndefined();
    first.release();
    expect(readdirSync(join(path, '..'))).toEqual([]);
    expect(heldLock(path)).toBeUndefined();
    take().assertHeld();
  });

  test('says who has it, and since when', () => {
    take();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      pid: process.pid,
      host: hostname(),
      ...(linux && { started: startOf(process.pid) }),
      token: expect.any(String) as string,
    });
  });

  test('shows signs of life, and stays the same', async () => {
    take({ interval: 5 });
    const content = readFileSync(path, 'utf8');
    leave(content, 1000);
    await vi.waitFor(() => expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(100_000));
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  test('that was lost is missed before the next write, and what another has is left alone', () => {
    const lock = take();
    const other = JSON.stringify({ ...elsewhere, token: 'other' });
    writeFileSync(`${path}.other`, other);
    renameSync(`${path}.other`, path);
    expect(() => lock.assertHeld()).toThrow(`lost ${path}: it was removed, or another process took over`);
    lock.release();
    expect(readFileSync(path, 'utf8')).toBe(other);
    rmSync(path);
    expect(() => lock.assertHeld()).toThrow(`lost ${path}`);
  });

  test('of a process that ends without a word does not keep it alive', async () => {
    const script = join(import.meta.dirname, 'contender.ts');
    const child = fork(script, [path], { execArgv: ['--import', 'tsx'], stdio: 'ignore' });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(0);
    expect(take().takenOver).toBe(
      `took over the run from process ${child.pid} on ${hostname()}, which is gone`,
    );
  });

  test('that cannot be made says where', () => {
    path = join(path, 'nowhere', 'running.json');
    expect(() => take()).toThrow(/^cannot write .*nowhere.running\.json: /);
  });
});

describe('a holder that is dead', () => {
  test('is known by its id on this host', () => {
    leave({ pid: nobody, host: hostname() });
    expect(heldLock(path)).toBeUndefined();
    expect(take().takenOver).toBe(`took over the run from process ${nobody} on ${hostname()}, which is gone`);
    expect(readdirSync(join(path, '..'))).toEqual(['running.json']);
  });

  test.skipIf(!linux)('is known by its start where its id has been given to another process', () => {
    const [boot, space] = startOf(process.pid)!.split(' ');
    leave({ pid: process.pid, host: hostname(), started: `${boot} ${space} 1` });
    expect(take().takenOver).toContain('which is gone');
  });

  test.each([
    ['on another host', elsewhere],
    ['in a container of the same name', { pid: process.pid, host: hostname(), started: 'another boot 1' }],
    ['whose id another process may have', { pid: process.pid, host: hostname() }],
  ])('%s is known by its silence', (_, content) => {
    leave(content, 240);
    expect(() => take()).toThrow(
      `gave a sign of life 4 min ago: wait for it, or remove ${path} if that process is gone`,
    );
    leave(content, 400);
    expect(heldLock(path)).toBeUndefined();
    expect(take().takenOver).toMatch(
      /^took over the run from process \d+ on .*, which has given no sign of life for 7 min$/,
    );
  });

  test.each([
    '',
    '{',
    '{}',
    '5',
    'null',
    '[]',
    '\0\u0001',
    '{"pid": 0, "host": "a"}',
    '{"pid": -1, "host": "a"}',
  ])('of whom %j tells nothing is known by the age of the file, which is named', (content) => {
    leave(content, 3);
    expect(() => take()).toThrow(
      `the run is locked by ${path}, which says not by whom and was written 3 s ago: remove it`,
    );
    leave(content, 400);
    expect(take().takenOver).toBe(
      `took over the run: its lock ${path} did not say whose it was, and was 7 min old`,
    );
  });

  test.skipIf(!linux)('is none that was stopped for an hour', () => {
    take();
    leave(readFileSync(path, 'utf8'), 3600);
    expect(() => take()).toThrow(HeldError);
  });

  test('is not told by the clock of this host', () => {
    leave(elsewhere);
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    expect(() => take()).toThrow(HeldError);
    clock.mockRestore();
  });

  test('in the midst of removing a lock blocks nobody', () => {
    leave({ pid: nobody, host: hostname(), token: 'dead' });
    writeFileSync(`${path}.dead`, JSON.stringify({ pid: nobody, host: hostname(), token: 'dead-too' }));
    take();
    expect(readdirSync(join(path, '..'))).toEqual(['running.json']);
  });

  test('cannot be taken over where a folder is in the way', () => {
    mkdirSync(path);
    utimesSync(path, 1, 1);
    expect(() => take()).toThrow(`cannot write ${path}: `);
  });
});

describe('watchLock', () => {
  const watch = (onWait?: (text: string) => void) => watchLock(path, 'the run', { patience: 1000, onWait });

  test('waits for silence', async () => {
    leave(elsewhere);
    const waits: string[] = [];
    await watch((text) => waits.push(text));
    expect(waits).toEqual([
      'waiting up to 1 s for a sign of life of process 7 on elsewhere, which has the run',
    ]);
    expect(take({ patience: 1000 }).takenOver).toContain('process 7 on elsewhere');
  });

  test('does not wait where there was silence enough, or nobody', async () => {
    const wait = vi.fn();
    await watch(wait);
    leave(elsewhere, 2);
    await watch(wait);
    leave({ pid: nobody, host: hostname() });
    await watch(wait);
    expect(wait).not.toHaveBeenCalled();
  });

  test('gives up at a sign of life', async () => {
    leave(elsewhere);
    const watching = watch();
    await sleep(600);
    leave(elsewhere);
    await expect(watching).rejects.toThrow(HeldError);
  });

  test('does not wait for a process that runs, or may', async () => {
    leave({ pid: process.pid, host: hostname() });
    await expect(watch()).rejects.toThrow(HeldError);
    rmSync(path);
    take();
    await expect(watch()).rejects.toThrow(`process ${process.pid} on ${hostname()}: wait for it, or end it`);
  });
});
