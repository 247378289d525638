import { expect, test } from 'vitest';
import { secondsLeft } from '../../src/sweep/forecast.js';
import { shareCores } from '../../src/sweep/share.js';
import type { PlannedRun } from '../../src/sweep/sweep.js';
import { Tracker } from '../../src/sweep/tracker.js';

const measured = [{ loading: 4, updates: 100, seconds: 50 }];
const left = (...updates: number[]) => updates.map((each) => ({ updates: each, begun: true }));

test.each([
  ['one after the other', left(10), [100, 100], 1, 113],
  ['two at once', left(10, 20), [100], 2, 59],
  ['the longer of two at once', left(10, 200), [100], 2, 100],
  ['fewer than jobs', [], [30], 4, 19],
  ['one that is still loading', [{ updates: 10, begun: false }], [], 1, 9],
])('time left: %s', (_, running, pending, jobs, seconds) => {
  expect(secondsLeft(measured, running, pending, jobs)).toBe(seconds);
});

test('no time left is known before the first update, or from one of a moment', () => {
  expect(secondsLeft([{ loading: 1, updates: 0, seconds: 3 }], left(10), [10], 2)).toBeUndefined();
  expect(secondsLeft([{ loading: 9, updates: 1, seconds: 1 }], left(10), [10], 2)).toBeUndefined();
});

test('a tracker goes by the runs that ended and those in flight', () => {
  let now = 0;
  const runs = [1, 2, 3].map((seed) => ({ id: `run-${seed}`, seed, config: { updates: 100 } }) as PlannedRun);
  const tracker = new Tracker(runs, 2, () => now);
  tracker.start(runs[0]);
  tracker.start(runs[1]);
  now = 3000;
  tracker.message(runs[0], { kind: 'began', made: 0 });
  now = 5000;
  tracker.message(runs[1], { kind: 'began', made: 0 });
  expect(tracker.left()).toBeUndefined();
  now = 13_000;
  tracker.message(runs[1], { kind: 'update', update: 50 });
  tracker.message(runs[1], { kind: 'evaluated', text: 'accuracy 50.00 %' });
  expect(tracker.end(runs[0], true)).toBe(13);
  // 150 updates took 10 + 8 process seconds, loading 4 on average; 50, and 100 after loading, are left, side by side.
  expect(tracker.left()).toBeCloseTo(4 + (100 * 18) / 150);
  expect(tracker.leftOf(tracker.running[1]!)).toBeCloseTo(8);
  expect(tracker.share()).toBe(0.5);
  expect(tracker.running.map((each) => each?.latest)).toEqual([undefined, 'accuracy 50.00 %']);
  tracker.start(runs[2]);
  expect(tracker.running.map((each) => each?.run.id)).toEqual(['run-3', 'run-2']);
  // Done by another process.
  expect(tracker.end(runs[0], true)).toBeUndefined();
});

test.each([
  [
    { cores: 8, runs: 24, gpu: false },
    { jobs: 8, threads: 1 },
  ],
  [
    { cores: 8, runs: 3, gpu: false },
    { jobs: 3, threads: 2 },
  ],
  [
    { cores: 8, runs: 24, gpu: true },
    { jobs: 1, threads: 8 },
  ],
  [
    { cores: 8, runs: 24, gpu: true, jobs: 3 },
    { jobs: 3, threads: 2 },
  ],
  [
    { cores: 8, runs: 24, gpu: false, threads: 4 },
    { jobs: 2, threads: 4 },
  ],
  [
    { cores: 8, runs: 24, gpu: false, jobs: 3, threads: 4 },
    { jobs: 3, threads: 4 },
  ],
  [
    { cores: 2, runs: 24, gpu: false, threads: 4 },
    { jobs: 1, threads: 4 },
  ],
  [
    { cores: 8, runs: 2, gpu: false, jobs: 16 },
    { jobs: 2, threads: 4 },
  ],
])('%j is shared as %j', (asked, share) => {
  expect(shareCores(asked)).toEqual(share);
});
