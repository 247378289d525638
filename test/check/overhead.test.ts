import { expect, test } from 'vitest';
import { describeOverheads, overheads, reach } from '../../src/check/overhead.js';
import { labels } from '../support/labels.js';
import { run } from '../support/study.js';

const rows = (accuracies: readonly number[], messages = 100) =>
  accuracies.map((accuracy, k) => ({
    update: 10 * (k + 1),
    time: 40 * (k + 1),
    test_accuracy: accuracy,
    messages: messages * 10 * (k + 1),
  }));

const slow = { rule: 'mda', weighted: false };

test('a level is reached on the line between two evaluations, the first time', () => {
  expect(reach({ rows: rows([0.5, 0.9, 1, 0.4, 1]) }, 0.95)).toEqual({
    update: expect.closeTo(25, 9) as number,
    time: expect.closeTo(100, 9) as number,
  });
  expect(reach({ rows: rows([0.96]) }, 0.95)).toEqual({ update: 10, time: 40 });
  expect(reach({ rows: rows([0.5, 0.9]) }, 0.95)).toBeUndefined();
});

test('overheads are those of the means over seeds, against the first experiment', () => {
  const runs = [
    run({ seed: 1, rows: rows([0.9, 1], 20) }),
    run({ seed: 2, rows: rows([0.9, 0.9, 1], 20) }),
    run({ ...slow, seed: 1, rows: rows([0.9, 0.9, 0.9, 1]) }),
    run({ ...slow, seed: 2, rows: rows([0.9, 0.9, 0.9, 1]) }),
  ];
  const [first, second] = overheads(runs, 0.95, labels);
  // 15 and 25 updates against 35 twice.
  expect(first).toMatchObject({ reaching: 2, moreUpdates: 0, messages: 20 });
  expect(first.updates!.mean).toBeCloseTo(20, 9);
  expect(second.updates!.mean).toBeCloseTo(35, 9);
  expect(second.moreUpdates).toBeCloseTo(0.75, 9);
  expect(second.moreTime).toBeCloseTo(0.75, 9);
  const text = describeOverheads([first, second], 0.95).split('\n');
  expect(text[0]).toBe('to 95 % test accuracy: mean ± deviation over seeds; more: than the first');
  expect(text[3]).toMatch(/2 of 2 +35\.0 ± 0\.0 +\+75 % +140\.0 ± 0\.0 +\+75 % +100$/);
});

test('where a seed does not get there, nothing is said of how much more it takes', () => {
  const runs = [
    run({ seed: 1, rows: rows([1]) }),
    run({ ...slow, seed: 1, rows: rows([0.5, 1]) }),
    run({ ...slow, seed: 2, rows: rows([0.5, 0.6]) }),
  ];
  const [, second] = overheads(runs, 0.95, labels);
  expect(second).toMatchObject({ reaching: 1 });
  expect(second.moreUpdates).toBeUndefined();
  expect(describeOverheads([second], 0.95)).toMatch(/1 of 2 +19\.0 +- /);
});
