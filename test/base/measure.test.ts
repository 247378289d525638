import { afterEach, describe, expect, test, vi } from 'vitest';
import { measure } from '../../src/base/measure.js';

let now = 0;
vi.spyOn(performance, 'now').mockImplementation(() => now);
afterEach(() => void (now = 0));

/** Takes these milliseconds, one after another, the last one for ever. */
function taking(...times: number[]) {
  let calls = 0;
  return {
    run: () => void (now += times[Math.min(calls++, times.length - 1)]),
    calls: () => calls,
  };
}

describe('measure', () => {
  test('leaves out the run that warms up', async () => {
    expect(await measure(taking(9, 4, 2, 3).run, 10)).toEqual({ fastest: 2, median: 3, runs: 4 });
  });

  test('repeats until the budget is spent', async () => {
    const { run, calls } = taking(1);
    expect(await measure(run, 100)).toEqual({ fastest: 1, median: 1, runs: 100 });
    expect(calls()).toBe(101);
  });

  test('makes three runs, whatever they take', async () => {
    expect(await measure(taking(5, 8, 6, 7).run, 6)).toEqual({ fastest: 6, median: 7, runs: 3 });
  });

  test('makes one run where that takes the budget', async () => {
    const { run, calls } = taking(50);
    expect(await measure(run, 20)).toEqual({ fastest: 50, median: 50, runs: 1 });
    expect(calls()).toBe(1);
  });
});
