import { expect, test } from 'vitest';
import { checkLimits, parseLimits } from '../../src/report/limits.js';
import { labels } from '../support/labels.js';

test.each([
  [{ ymin: '80' }, { ymin: 80, ymax: undefined }],
  [
    { ymin: '-0.5', ymax: '1e3' },
    { ymin: -0.5, ymax: 1000 },
  ],
])('%j', (words, limits) => {
  expect(parseLimits(words)).toEqual(limits);
});

test.each([
  ['', 'invalid ymin: nothing (expected a number)'],
  ['high', 'invalid ymin: high (expected a number)'],
  ['80%', 'invalid ymin: 80% (expected a number)'],
  ['NaN', 'invalid ymin: NaN (expected a number)'],
  ['Infinity', 'invalid ymin: Infinity (expected a number)'],
])('"%s" is no end of an axis', (ymin, message) => {
  expect(() => parseLimits({ ymin })).toThrow(message);
});

const accuracies = [40, 98.25];

test.each([
  [{ ymin: 90, ymax: 80 }, 'invalid ymin: 90 (expected less than ymax, 80)'],
  [{ ymin: 80, ymax: 80 }, 'invalid ymin: 80 (expected less than ymax, 80)'],
  [{ ymin: -5 }, 'invalid ymin: -5 (expected 0 to 100: test_accuracy is drawn in percent)'],
  [{ ymax: 120 }, 'invalid ymax: 120 (expected 0 to 100: test_accuracy is drawn in percent)'],
  [{ ymin: 99 }, 'invalid ymin: 99 (expected to show something: values are between 40 and 98.25)'],
  [{ ymin: 98.25 }, 'invalid ymin: 98.25 (expected to show something'],
  [{ ymax: 30 }, 'invalid ymax: 30 (expected to show something: values are between 40 and 98.25)'],
  [{ ymin: 0.8 }, 'invalid ymin: 0.8 (expected percent, such as 80)'],
  [{ ymin: 50, ymax: 60 }, 'invalid ymin: 50, ymax: 60 (expected to show something'],
])('%j leaves nothing to see', (limits, message) => {
  expect(() => checkLimits(labels.column('test_accuracy'), limits, accuracies, false)).toThrow(message);
});

test('a logarithmic axis begins above 0', () => {
  expect(() => checkLimits(labels.column('test_loss'), { ymin: 0 }, [0.1, 3], true)).toThrow(
    'invalid ymin: 0 (expected more than 0: the axis is logarithmic)',
  );
  checkLimits(labels.column('test_loss'), { ymin: -1 }, [0.1, 0.3], false);
});

test('limits that show something are fine', () => {
  for (const limits of [{}, { ymin: 90 }, { ymax: 50 }, { ymin: 98.25, ymax: 100 }, { ymin: 0, ymax: 40 }])
    checkLimits(labels.column('test_accuracy'), limits, accuracies, false);
});
