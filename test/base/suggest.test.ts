import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/base/suggest.js';

const rules = ['mean', 'cwmed', 'geometric-median', 'trimmed-mean', 'krum', 'multi-krum', 'ctma'];

describe('the nearest name', () => {
  test.each([
    ['crum', 'krum'],
    ['Krum', 'krum'],
    ['cwmde', 'cwmed'],
    ['geometric_median', 'geometric-median'],
    ['geometricMedian', 'geometric-median'],
    ['trimmed', 'trimmed-mean'],
    ['trimed-mean', 'trimmed-mean'],
    ['multi-crum', 'multi-krum'],
  ])('to %s is %s', (name, expected) => {
    expect(nearest(name, rules)).toBe(expected);
  });

  test('is the same word in other letters, before one that it begins with', () => {
    expect(nearest('cifar-100', ['cifar10', 'cifar100'])).toBe('cifar100');
    expect(nearest('CTMA+', ['ctm', 'ctma'])).toBe('ctma');
  });

  test.each(['', '-', 'bulyan', 'x', 'smea', 'a'.repeat(1000)])('to %s is none', (name) => {
    expect(nearest(name, rules)).toBeUndefined();
  });
});
