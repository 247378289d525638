import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawable, type DrawnPoint } from '../../src/report/drawn.js';
import { percentDomain, yScales, yTicks } from '../../src/report/scale.js';
import type { Series } from '../../src/report/series.js';
import { labels } from '../support/labels.js';

const series: Series = { label: '', colour: '', dash: [], shape: '' };
type Value = [mean: number, deviation?: number];

/** A curve with points at 1, 2, 3, ... */
const curve = (values: readonly Value[], of: Series = series): DrawnPoint[] =>
  values.map(([mean, deviation], k) => ({
    series: of,
    x: k + 1,
    mean,
    segment: 0,
    ...(deviation !== undefined && { low: mean - deviation, high: mean + deviation }),
  }));

const scaleOf = (column: string, ...values: Value[]) => yScales(labels.column(column), [curve(values)])[0];

describe('the y axis of accuracies', () => {
  test('goes around curves and bands, in round steps', () => {
    expect(scaleOf('test_accuracy', [43, 5], [72])).toEqual({ type: 'linear', domain: [35, 80] });
    expect(scaleOf('test_accuracy', [93.2], [94], [97])).toEqual({ type: 'linear', domain: [93, 97] });
    expect(scaleOf('test_accuracy', [3], [50], [100]).domain).toEqual([0, 100]);
  });

  test('shows a band beyond 100 and 0 to its end, with no number beyond 100 and 0', () => {
    const scale = scaleOf('test_accuracy', [90], [97, 5], [96]);
    expect(scale.domain[1]).toBeGreaterThan(102);
    expect(scale.domain[1]).toBeLessThan(103);
    expect(yTicks(labels.column('test_accuracy'), scale).labels.at(-1)).toBe('100');
    const low = scaleOf('test_accuracy', [5, 8], [20], [30]);
    expect(low.domain[0]).toBeLessThan(-3);
    expect(yTicks(labels.column('test_accuracy'), low).labels[0]).toBe('0');
  });

  test('leaves a steep start out where that would squeeze what curves settle at', () => {
    const steep = scaleOf('test_accuracy', [10], [60], [90], [96], [97], [98], [98], [98], [98]);
    // From 96 on: 2 points, which have a quarter of the height.
    expect(steep.domain).toEqual([90, 98]);
    expect(scaleOf('test_accuracy', [10], [40], [60], [70], [75], [80]).domain).toEqual([10, 80]);
  });

  test('shows where every curve ends, however early', () => {
    const early = { ...series, label: 'diverged' };
    const points = [...curve([[97], [97], [97], [98], [98], [98]]), ...curve([[20], [10]], early)];
    expect(yScales(labels.column('test_accuracy'), [points])[0].domain[0]).toBeLessThanOrEqual(10);
  });

  test('shows a collapse that comes late', () => {
    const collapse = scaleOf('test_accuracy', [90], [97], [97], [12], [97], [97]);
    expect(collapse.domain[0]).toBeLessThanOrEqual(12);
  });

  test('does not stretch a difference of less than 2 %', () => {
    expect(scaleOf('test_accuracy', [97.51], [97.52], [97.53])).toEqual({
      type: 'linear',
      domain: [96.4, 99],
    });
  });
});

describe('the y axis of other quantities', () => {
  test('goes around the curves, not down to 0', () => {
    expect(scaleOf('test_loss', [0.5], [2.2, 0.2])).toEqual({ type: 'linear', domain: [0.4, 2.5] });
    expect(scaleOf('test_loss', [2.25], [2.31]).domain).toEqual([2.25, 2.32]);
  });

  test('shows all of a start: losses are not cut', () => {
    const [low, high] = scaleOf('test_loss', [2.3], [1.5], [0.9], [0.8], [0.8], [0.8]).domain;
    expect([low, high]).toEqual([0.8, 2.5]);
  });

  test('is logarithmic from a decade on, bands included', () => {
    expect(scaleOf('test_loss', [0.031], [41])).toEqual({ type: 'log', domain: [0.03, 50] });
    expect(scaleOf('test_loss', [0.1], [3, 4]).domain).toEqual([0.1, 7]);
    expect(scaleOf('test_loss', [0.1, 0.2], [3]).domain).toEqual([0.05, 3]);
    expect(scaleOf('test_loss', [0.1], [0.9]).type).toBe('linear');
    expect(scaleOf('test_loss', [0], [90]).type).toBe('linear');
  });

  test('has room for bands and values below 0', () => {
    expect(scaleOf('test_loss', [0.5, 0.9], [1]).domain).toEqual([-0.4, 1.5]);
    expect(scaleOf('margin', [-3], [-1]).domain).toEqual([-3, -1]);
  });
});

test('an axis has a length even where all values are the same, and ticks that differ', () => {
  for (const column of ['byzantine_share', 'test_accuracy', 'staleness_max', 'test_loss'])
    for (const value of [0, 1e-12, 0.4, 40, 100]) {
      const scale = scaleOf(column, [value], [value]);
      const [low, high] = scale.domain;
      expect(high, `${column} ${value}`).toBeGreaterThan(low);
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
      const { labels: texts } = yTicks(labels.column(column), scale);
      expect(texts.length).toBeGreaterThan(1);
      expect(new Set(texts).size).toBe(texts.length);
    }
  expect(percentDomain(100, 100)).toEqual([95, 100]);
});

test('whatever the values, an axis holds what it promises', () => {
  const value = fc.tuple(
    fc.double({ min: 0, max: 100, noNaN: true }).map(drawable),
    fc.double({ min: 0, max: 40, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
      const points = curve(values as Value[]);
      for (const column of ['test_accuracy', 'test_loss']) {
        const [{ type, domain }] = yScales(labels.column(column), [points]);
        const [low, high] = domain;
        expect(low).toBeLessThan(high);
        const settled = points.slice(Math.floor(points.length / 3));
        for (const { mean } of column === 'test_accuracy' ? settled : points) {
          expect(mean).toBeGreaterThanOrEqual(low * (1 - 1e-12));
          expect(mean).toBeLessThanOrEqual(high * (1 + 1e-12));
        }
        for (const point of points) expect(point.high, 'upper edge').toBeLessThanOrEqual(high * (1 + 1e-12));
        if (type === 'log') expect(low).toBeGreaterThan(0);
      }
    }),
  );
});

describe('panels', () => {
  const wide = curve([
    [35, 1],
    [60, 1],
    [80, 1],
    [85, 1],
  ]);
  const narrow = curve([[95], [96], [97], [97]]);
  const half = curve([[60], [80], [90], [95]]);

  test('have one axis where that squeezes none of them', () => {
    const [first, second] = yScales(labels.column('test_accuracy'), [wide, half]);
    expect(second).toEqual(first);
    expect(first.domain).toEqual([30, 100]);
  });

  test('have axes of their own where one would be squeezed', () => {
    const [first, second] = yScales(labels.column('test_accuracy'), [wide, narrow]);
    expect(first.domain).toEqual([30, 100]);
    expect(second.domain).toEqual([95, 97]);
  });

  test('have what a user wants', () => {
    const own = yScales(labels.column('test_accuracy'), [wide, half], {}, false);
    expect(own[1].domain).toEqual([60, 100]);
    const one = yScales(labels.column('test_accuracy'), [wide, narrow], {}, true);
    expect(one[1]).toEqual(one[0]);
    const limited = yScales(labels.column('test_accuracy'), [wide, narrow], { ymin: 72.5 });
    expect(limited.map(({ domain }) => domain)).toEqual([
      [72.5, 100],
      [72.5, 100],
    ]);
  });

  test('show all curves at the end that a user has left open', () => {
    const steep = curve([[10], [60], [90], [96], [97], [98], [98], [98], [98]]);
    expect(yScales(labels.column('test_accuracy'), [steep], { ymax: 50 })[0].domain).toEqual([10, 50]);
  });

  test('without values have the axis of the others', () => {
    const [first, second] = yScales(labels.column('test_accuracy'), [narrow, []]);
    expect(second).toEqual(first);
  });
});
