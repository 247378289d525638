import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { builtins } from '../../src/simulation/catalogue.js';
import { readRunState, type RunState } from '../../src/study/run-state.js';
import { launch, type LaunchEvents } from '../../src/sweep/launch.js';
import { loadSweep } from '../../src/sweep/load.js';
import type { PlannedRun } from '../../src/sweep/sweep.js';
import { temporaryFolder, writeRun } from '../support/study.js';

vi.setConfig({ testTimeout: 120_000 });

/** A process that takes a task and does as its seed says. */
const child = `
process.on('disconnect', () => process.exit(0));
process.once('message', ({ seed }) => {
  process.send({ kind: 'began' });
  console.log('seed ' + seed);
  if (seed === 1) process.exit(3);
  if (seed === 2) process.kill(process.pid, 'SIGTERM');
  if (seed === 3) process.send({ kind: 'failed', message: 'no luck' }, () => process.disconnect());
});
`;

interface Launched {
  states: Record<number, RunState>;
  promise: Promise<void>;
}

/** Launches a run for each seed; seeds from 4 on never end by themselves. */
function start(
  seeds: number[],
  jobs: number,
  signal: AbortSignal,
  events: Partial<LaunchEvents> = {},
): Launched {
  const folder = temporaryFolder();
  const entry = join(folder, 'child.mjs');
  writeFileSync(entry, child);
  const runs = seeds.map(
    (seed) => ({ id: String(seed), seed, folder: join(folder, String(seed)) }) as PlannedRun,
  );
  const states: Record<number, RunState> = {};
  const promise = launch(
    runs,
    {
      jobs,
      force: () => false,
      entry: pathToFileURL(entry),
      signal,
      backend: 'cpu',
      device: 'cpu',
      threads: 1,
    },
    {
      started() {},
      message() {},
      ended: ({ seed }, state) => void (states[seed] = state),
      ...events,
    },
  );
  return { states, promise };
}

test('a run that fails, in whatever way, says how and stops no other', async () => {
  const { states, promise } = start([1, 2, 3], 2, new AbortController().signal);
  await promise;
  expect(states).toEqual({
    1: { status: 'failed', message: 'ended with status 3' },
    2: { status: 'failed', message: 'killed by SIGTERM' },
    3: { status: 'failed', message: 'no luck' },
  });
});

test('an abort stops the runs in flight and starts no other', async () => {
  const controller = new AbortController();
  const begun: number[] = [];
  const { states, promise } = start([4, 5, 6], 2, controller.signal, {
    message({ seed }, { kind }) {
      if (kind === 'began' && begun.push(seed) === 2) controller.abort();
    },
  });
  await promise;
  expect(begun).toEqual([4, 5]);
  expect(states).toEqual({ 4: { status: 'interrupted' }, 5: { status: 'interrupted' } });
});

test('a run that loads is running, and interrupted where it is ended then', async () => {
  const folder = temporaryFolder();
  const points = join(folder, 'points.csv');
  writeFileSync(points, '1,2\n3,4\n');
  const file = join(folder, 'small.yaml');
  writeFileSync(
    file,
    `dataset: {points: ${points}}\nworkers: 3\naggregator: mean\noptimizer: sgd\nupdates: 2\n`,
  );
  const { runs } = await loadSweep(file, [], builtins, { out: folder });
  rmSync(points);
  execFileSync('mkfifo', [points]); // takes as long to read as someone takes to write to it
  const controller = new AbortController();
  const [run] = runs;
  const ended = vi.fn();
  const promise = launch(
    runs,
    {
      jobs: 1,
      force: () => false,
      entry: new URL('../../dist/run/child.js', import.meta.url),
      signal: controller.signal,
      backend: 'cpu',
      device: 'cpu',
      threads: 1,
    },
    { started() {}, message() {}, ended },
  );
  await vi.waitFor(() => expect(readRunState(run.folder, run).status).toBe('running'), 60_000);
  controller.abort();
  writeFileSync(points, '1,2\n');
  await promise;
  expect(ended).toHaveBeenCalledWith(run, { status: 'interrupted' }, true);
  expect(readRunState(run.folder, run)).toEqual({ status: 'interrupted' });
  expect(readdirSync(run.folder)).toEqual(['log.txt']);
});

test('an abort before the start starts none', async () => {
  const { states, promise } = start([4, 5], 2, AbortSignal.abort());
  await promise;
  expect(states).toEqual({});
});

test('trouble in the sweep itself stops all runs', async () => {
  const { promise } = start([1, 5, 6], 2, new AbortController().signal, {
    ended() {
      throw new Error('no space left');
    },
  });
  await expect(promise).rejects.toThrow('no space left');
});

test('what another process has done meanwhile is not run again', async () => {
  const started = vi.fn();
  const path = join(temporaryFolder(), 'seed-4');
  const hash = writeRun(path, { seed: 4 });
  const ended = vi.fn();
  const config = { updates: 30, evaluate: { every: 10 } };
  await launch(
    [{ id: '4', seed: 4, folder: path, identity: { hash }, config } as PlannedRun],
    {
      jobs: 1,
      force: () => false,
      entry: 'none',
      signal: new AbortController().signal,
      backend: 'cpu',
      device: 'cpu',
      threads: 1,
    },
    { started, message() {}, ended },
  );
  expect(started).not.toHaveBeenCalled();
  expect(ended).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ status: 'done' }), false);
});

test('a process that takes another run gets it; one that has failed does not', async () => {
  const folder = temporaryFolder();
  const entry = join(folder, 'child.mjs');
  writeFileSync(
    entry,
    `process.on('message', ({ seed }) => {
  process.stdout.write(seed + ' ' + process.pid);
  const over = () => seed === 2 ? process.exit(1) : process.send({ kind: 'ended' });
  setTimeout(over, 300);
});
`,
  );
  const runs = [1, 2, 3, 4].map(
    (seed) => ({ id: String(seed), seed, folder: join(folder, String(seed)) }) as PlannedRun,
  );
  const launched = new Set<PlannedRun>();
  const ends: Record<string, string> = {};
  await launch(
    runs,
    {
      jobs: 1,
      force: () => false,
      stateOf: (run) => ({ status: launched.has(run) && run.seed !== 2 ? 'interrupted' : 'missing' }),
      entry: pathToFileURL(entry),
      signal: new AbortController().signal,
      backend: 'cpu',
      device: 'cpu',
      threads: 1,
    },
    {
      started: (run) => void launched.add(run),
      message() {},
      ended: ({ id }, state) => void (ends[id] = state.status),
    },
  );
  const logs = runs.map((run) => readFileSync(join(run.folder, 'log.txt'), 'utf8').split(' '));
  expect(logs.map(([seed]) => seed)).toEqual(['1', '2', '3', '4']);
  const [first, second, third, fourth] = logs.map(([, pid]) => pid);
  expect([second, fourth]).toEqual([first, third]);
  expect(third).not.toBe(first);
  expect(ends['2']).toBe('failed');
});
