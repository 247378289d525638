import { expect, test } from 'vitest';
import { duration, percent, short } from '../../src/base/format.js';

test('durations read as people say them', () => {
  expect([0.4, 59.4, 60, 200, 3599, 3600, 7500].map(duration)).toEqual([
    '0 s',
    '59 s',
    '1 min 0 s',
    '3 min 20 s',
    '59 min 59 s',
    '1 h 0 min',
    '2 h 5 min',
  ]);
});

test('fractions as percentages, numbers in four digits, nothing as a dash', () => {
  expect([percent(0.97425), percent(1), percent(undefined)]).toEqual(['97.42 %', '100.00 %', '-']);
  expect([short(1234.567), short(0.000123456), short(undefined)]).toEqual(['1235', '0.0001235', '-']);
});
