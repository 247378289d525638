import { describe, expect, test } from 'vitest';
import { compareMeans, pWithin, testAbove } from '../../../src/base/statistics/welch.js';
import { twoSidedP } from '../../../src/base/statistics/student.js';

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

describe('testAbove', () => {
  // R's t.test(extra ~ group, data = sleep) has the confidence interval (-3.3654832, 0.2054832) at 95 %: its ends are the
  // bounds at which the one-sided p is 2.5 % and 97.5 %. At 0 it is half the two-sided p, or what that leaves.
  const sleep = compareMeans(
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
  ) as Required<ReturnType<typeof compareMeans>>;

  test.each([
    [-3.3654832, 0.025],
    [0.2054832, 0.975],
    [0, 1 - 0.07939 / 2],
    [-1.58, 0.5],
  ])('above %d: p = %d', (bound, p) => {
    expect(testAbove(sleep, bound)).toMatchObject({ p: expect.closeTo(p, 5) as number, sided: 1 });
  });

  test('without any spread: above it, or not, for certain; on the bound it is not told', () => {
    const alike = compareMeans([0.945, 0.945], [0.95, 0.95]) as typeof sleep;
    expect(0.945 - 0.95).toBeLessThan(-0.005); // so much for decimal fractions
    expect(testAbove(alike, -0.005)).toMatchObject({ t: 0, p: 0.5 });
    expect(testAbove(alike, -0.006)).toMatchObject({ t: Infinity, p: 0 });
    expect(testAbove(alike, -0.004)).toMatchObject({ t: -Infinity, p: 1 });
  });
});

describe('pWithin', () => {
  test('by hand: the side that is less sure decides', () => {
    // difference 0.02, standard error √(2/3) %, 4 degrees: t = (0.05 - 0.02) / 0.008165 = 3.674 on the near side
    const { difference, welch } = compareMeans([0.97, 0.98, 0.99], [0.95, 0.96, 0.97]);
    const p = pWithin({ difference, welch: welch! }, 0.05);
    expect(p).toBeCloseTo(twoSidedP(3.674235, 4) / 2, 8);
    const [a, b] = [-difference, difference].map((each) =>
      pWithin({ difference: each, welch: welch! }, 0.05),
    );
    expect(a).toBe(b);
  });

  test('is no surer than a half where they differ by more', () => {
    const { difference, welch } = compareMeans([0.97, 0.98, 0.99], [0.95, 0.96, 0.97]);
    expect(pWithin({ difference, welch: welch! }, 0.01)).toBeGreaterThan(0.5);
  });
});
