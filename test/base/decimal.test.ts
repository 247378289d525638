import { describe, expect, test } from 'vitest';
import { decimal, wholeNumber } from '../../src/base/decimal.js';

const notDecimal = [
  '',
  ' ',
  '0x1',
  '0b1',
  '0o7',
  'Infinity',
  '-Infinity',
  'NaN',
  '1e999',
  '1_000',
  '1,5',
  '1 2',
  '.',
  'e5',
  '١',
];

describe('decimal', () => {
  test.each([
    ['12', 12],
    ['-0.5', -0.5],
    ['+1.', 1],
    ['.25', 0.25],
    ['1e-3', 0.001],
    ['1E+2', 100],
    ['1e-999', 0],
  ])('%s', (text, value) => expect(decimal(text)).toBe(value));
  test.each([...notDecimal, '--1'])('not %j', (text) => expect(decimal(text)).toBeUndefined());
});

describe('wholeNumber', () => {
  test.each([
    ['0', 0],
    ['17', 17],
    ['007', 7],
  ])('%s', (text, value) => expect(wholeNumber(text)).toBe(value));
  test.each([...notDecimal, '-1', '+1', '1.0', '1e3', '9007199254740992'])('not %j', (text) =>
    expect(wholeNumber(text)).toBeUndefined(),
  );
});
