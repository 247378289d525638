import { expect, test } from 'vitest';
import { describeOverheads, overheads } from '../../src/check/overhead.js';
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

test('overheads are those of the means over seeds, against the first experiment', () => {
  const runs = [
    run({ seed: 1, rows: rows([0.9, 1], 20) }),
    run({ seed: 2, rows: rows([0.9, 0.9, 1], 20) }),
    run({ ...slow, seed: 1, rows: rows([0.9, 0.9, 0.9, 1]) }),
    run({ ...slow, seed: 2, rows: rows([0.9, 0.9, 0.9, 1]) }),
  ];
  const [first, second] = overheads(runs, 0.95, labels);
  // 20 and 30 updates against 40 twice.
  expect(first).toMatchObject({ reaching: 2, moreUpdates: 0, messages: 20 });
  expect(first.updates!.mean).toBe(25);
  expect(second.updates!.mean).toBe(40);
  expect(second.moreUpdates).toBeCloseTo(0.6, 9);
  expect(second.moreTime).toBeCloseTo(0.6, 9);
  const text = describeOverheads([first, second], 0.95).split('\n');
  expect(text[0]).toBe('to 95 % test accuracy: mean ± deviation over seeds; more: than the first');
  expect(text[3]).toMatch(/2 of 2 +40\.0 ± 0\.0 +\+60 % +160\.0 ± 0\.0 +\+60 % +100$/);
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
  expect(describeOverheads([second], 0.95)).toMatch(/1 of 2 +20\.0 +- /);
});
