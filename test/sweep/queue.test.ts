import { expect, test, vi } from 'vitest';
import { RunQueue } from '../../src/sweep/queue.js';

const never = new AbortController().signal;

test('runs that nobody is doing come first, in their order; then those that others have let go of', async () => {
  const held = new Set(['b', 'd']);
  const waited: string[][] = [];
  const queue = new RunQueue(
    ['a', 'b', 'c', 'd'],
    (run) => held.has(run),
    (runs) => {
      waited.push([...runs]);
      held.delete('d');
    },
  );
  const done: string[] = [];
  while (done.length < 3) {
    const run = (await queue.next(never))!;
    if (held.has(run)) queue.defer(run);
    else done.push(run);
  }
  expect(done).toEqual(['a', 'c', 'd']);
  expect(waited).toEqual([['b', 'd']]);
});

test('what is waited for is said once, and an abort ends the wait', async () => {
  const controller = new AbortController();
  const wait = vi.fn(() => setTimeout(() => controller.abort(), 700));
  const queue = new RunQueue(['a'], () => true, wait);
  queue.defer((await queue.next(never))!);
  expect(await queue.next(controller.signal)).toBeUndefined();
  expect(wait).toHaveBeenCalledExactlyOnceWith(['a']);
});

test('is empty after the last', async () => {
  const queue = new RunQueue(['a'], () => true, vi.fn());
  expect(await queue.next(never)).toBe('a');
  expect(await queue.next(never)).toBeUndefined();
});
