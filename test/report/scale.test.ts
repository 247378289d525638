import { describe, expect, test } from 'vitest';
import { percentDomain, scaleFor } from '../../src/report/scale.js';
import type { CurvePoint } from '../../src/report/summary.js';

const series = { label: '', colour: '', dash: [], shape: '' };
const points = (...values: [mean: number, deviation?: number][]): CurvePoint[] =>
  values.map(([mean, deviation], x) => ({ panel: '', series, x, mean, deviation, seeds: 2 }));

describe('the y axis', () => {
  test('of accuracies is in percent, in round steps around the bands', () => {
    expect(scaleFor('test_accuracy', points([0.43, 0.05], [0.72]))).toEqual({
      type: 'linear',
      domain: [20, 80],
    });
    expect(scaleFor('test_accuracy', points([0.93], [0.97, 0.05])).domain).toEqual([90, 100]);
    expect(scaleFor('test_accuracy', points([0.03, 0.09], [1])).domain).toEqual([0, 100]);
  });

  test('of losses starts at 0, and is logarithmic from two decades on', () => {
    expect(scaleFor('test_loss', points([0.5], [2.2, 0.2]))).toEqual({ type: 'linear', domain: [0, 2.5] });
    expect(scaleFor('test_loss', points([0.031], [41]))).toEqual({ type: 'log', domain: [0.03, 50] });
  });

  test('has room for bands and values below 0', () => {
    expect(scaleFor('test_loss', points([0.5, 0.9], [1])).domain).toEqual([-0.4, 1.5]);
    expect(scaleFor('margin', points([-3], [-1])).domain).toEqual([-3, 0]);
  });

  test('has a length even where all values are the same', () => {
    for (const value of [0, 0.4, 1]) {
      const [low, high] = scaleFor('byzantine_share', points([value])).domain;
      expect(high, String(value)).toBeGreaterThan(low);
      expect(low).toBeLessThanOrEqual(100 * value);
      expect(high).toBeGreaterThanOrEqual(100 * value);
    }
    expect(scaleFor('staleness_max', points([0], [0])).domain).toEqual([0, 1]);
    expect(percentDomain(100, 100)).toEqual([95, 100]);
  });
});
