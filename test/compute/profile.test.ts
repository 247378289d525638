import { afterEach, expect, test, vi } from 'vitest';
import type { GradientJob, Job, JobResult, Runner } from '../../src/compute/job.js';
import { Profile } from '../../src/compute/profile.js';

let now = 0;
vi.spyOn(performance, 'now').mockImplementation(() => now);
afterEach(() => void (now = 0));

const wait = (milliseconds: number) => void (now += milliseconds);
const job: GradientJob = {
  kind: 'gradient',
  parameters: new Float32Array(1),
  batch: { indices: Uint32Array.of(0) },
  labels: 'true',
};

/** Jobs of it are done when the caller says so. */
function deferredRunner() {
  let finish = () => {};
  const runner: Runner = {
    run: <J extends Job>() =>
      new Promise<JobResult<J>>((resolve) => {
        finish = () => resolve({ loss: 0 } as JobResult<J>);
      }),
    close: async () => {},
  };
  return { runner, finish: () => finish() };
}

test('of sections within sections the outer one counts', () => {
  const profile = new Profile();
  profile.start();
  const result = profile.time('aggregation', () => {
    wait(2);
    profile.time('messages', () => wait(3));
    return 'done';
  });
  profile.time('messages', () => wait(4));
  wait(5);
  const { main_thread, wall_seconds } = profile.report();
  expect(result).toBe('done');
  expect(main_thread.aggregation).toEqual({ seconds: 0.005, count: 1 });
  expect(main_thread.messages).toEqual({ seconds: 0.004, count: 1 });
  expect(wall_seconds).toBeCloseTo(0.014, 12);
});

test('a section that throws counts, and ends', () => {
  const profile = new Profile();
  const fail = () => {
    wait(2);
    throw new Error('too few messages');
  };
  expect(() => profile.time('aggregation', fail)).toThrow('too few messages');
  profile.time('server', () => wait(3));
  const { aggregation, server } = profile.report().main_thread;
  expect([aggregation.seconds, server.seconds]).toEqual([0.002, 0.003]);
});

test('a job in this thread does not count the sections that run before it is done', async () => {
  const profile = new Profile();
  const { runner, finish } = deferredRunner();
  const running = profile.metered(runner).run(job);
  wait(4);
  profile.time('aggregation', () => wait(50));
  wait(3);
  finish();
  await running;
  const { main_thread, compute_threads } = profile.report();
  expect(main_thread.gradients).toEqual({ seconds: 0.007, count: 1 });
  expect(main_thread.evaluations.count).toBe(0);
  expect(compute_threads.count).toBe(0);
});
