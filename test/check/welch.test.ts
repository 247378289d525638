import { describe, expect, test } from 'vitest';
import { compareMeans } from '../../src/check/welch.js';

describe('compareMeans', () => {
  test("Student's sleep data, as R's t.test(extra ~ group, data = sleep) has it", () => {
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const { difference, welch } = compareMeans(first, second);
    expect(difference).toBeCloseTo(0.75 - 2.33, 12);
    expect(welch!.t).toBeCloseTo(-1.8608, 4);
    expect(welch!.degrees).toBeCloseTo(17.776, 3);
    expect(welch!.p).toBeCloseTo(0.07939, 5);
  });

  // Data and p of the task "Welch's t-test" of Rosetta Code, computed with R; t and degrees of the first with SciPy.
  test('two samples of 15', () => {
    const { welch } = compareMeans(
      [27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4],
      [27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4],
    );
    expect(welch!.t).toBeCloseTo(-2.455356398286006, 12);
    expect(welch!.degrees).toBeCloseTo(24.988529290231416, 10);
    expect(welch!.p).toBeCloseTo(0.021378001462867, 13);
  });
  test.each([
    [[3, 4, 1, 2.1], [490.2, 340, 433.9], 0.0107515611497845],
    [
      [30.02, 29.99, 30.11, 29.97, 30.01, 29.99],
      [29.89, 29.93, 29.72, 29.98, 30.02, 29.98],
      0.090773324285671,
    ],
    [[0.010268, 0.000167, 0.000167], [0.159258, 0.136278, 0.122389], 0.00339907162713746],
  ])('%j and %j', (first, second, p) => {
    expect(compareMeans(first, second).welch!.p).toBeCloseTo(p, 13);
  });

  test('by hand: variances 2 and 8, two values each', () => {
    // means 5 and 2; standard error √(2/2 + 8/2) = √5; degrees (1 + 4)² / (1² + 4²) = 25/17
    const { difference, welch } = compareMeans([4, 6], [0, 4]);
    expect(difference).toBe(3);
    expect(welch!.error).toBeCloseTo(Math.sqrt(5), 12);
    expect(welch!.t).toBeCloseTo(3 / Math.sqrt(5), 12);
    expect(welch!.degrees).toBeCloseTo(25 / 17, 12);
  });

  test('one value tells nothing of the spread', () => {
    expect(compareMeans([0.9], [0.8, 0.7]).welch).toBeUndefined();
    expect(compareMeans([0.9, 0.8], [0.7])).toEqual({ difference: expect.closeTo(0.15, 12) as number });
  });

  test('without any spread: equal for certain, or different for certain', () => {
    expect(compareMeans([0.95, 0.95], [0.95, 0.95, 0.95]).welch).toMatchObject({ t: 0, p: 1 });
    expect(compareMeans([0.9, 0.9], [0.95, 0.95]).welch).toMatchObject({ t: -Infinity, p: 0 });
  });
});
