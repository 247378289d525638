import { describe, expect, test } from 'vitest';
import { check } from '../../src/check/check.js';
import { axis } from '../../src/config/axes.js';
import { arrange } from '../../src/report/series.js';
import { summarizeCurves, summarizeQuantity, worstCells } from '../../src/report/summary.js';
import { parseThresholds } from '../../src/thresholds/thresholds.js';
import { run } from '../support/study.js';
import { labels } from '../support/labels.js';

const columns = { x: 'update', y: 'test_accuracy' };

describe('curves', () => {
  test('mean, sample deviation and number of seeds at each update', () => {
    const runs = [
      run({ seed: 1, accuracies: [0.1, 0.5] }),
      run({ seed: 2, accuracies: [0.3, 0.5] }),
      run({ seed: 3, accuracies: [0.8] }), // diverged
    ];
    const points = summarizeCurves(
      runs,
      arrange(runs, { panel: undefined, colour: axis.rule }, labels),
      columns,
    );
    expect(points).toHaveLength(2);
    // (0.1 + 0.3 + 0.8) / 3 = 0.4; squares 0.09 + 0.01 + 0.16 = 0.26, over 2: 0.13
    expect(points[0].mean).toBeCloseTo(0.4, 14);
    expect(points[0].deviation).toBeCloseTo(Math.sqrt(0.13), 14);
    expect(points[0]).toMatchObject({ x: 10, seeds: 3 });
    expect(points[1]).toMatchObject({ x: 20, mean: 0.5, deviation: 0, seeds: 2 });
  });

  test('over time, evaluations at the same update belong together', () => {
    const runs = [run({ seed: 1 }), run({ seed: 2 })]; // times k + 0.1 and k + 0.2
    const arrangement = arrange(runs, { panel: undefined, colour: axis.rule }, labels);
    const points = summarizeCurves(runs, arrangement, { x: 'time', y: 'test_accuracy' });
    expect(points.map(({ x }) => x)).toEqual([1.15, 2.15, 3.15].map((x) => expect.closeTo(x, 12) as number));
    expect(points.map(({ seeds }) => seeds)).toEqual([2, 2, 2]);
  });

  test('a gap is where no seed has a value', () => {
    const runs = [
      run({ seed: 1, accuracies: [0.1, NaN, NaN, 0.4, NaN] }),
      run({ seed: 2, accuracies: [NaN, NaN, NaN, 0.6, 0.7, 0.8] }),
    ];
    const points = summarizeCurves(
      runs,
      arrange(runs, { panel: undefined, colour: axis.rule }, labels),
      columns,
    );
    const [a, b, c, d] = points;
    expect(points.map(({ x }) => x)).toEqual([10, 40, 50, 60]);
    expect(b.segment).not.toBe(a.segment);
    expect([c.segment, d.segment]).toEqual([b.segment, b.segment]);
  });

  test('what overflows is left out, as what is not finite', () => {
    const runs = [1, 2].map((seed) =>
      run({ seed, accuracies: [0.5, 1e200 * seed, seed === 1 ? 1e308 : -1e308] }),
    );
    const points = summarizeCurves(
      runs,
      arrange(runs, { panel: undefined, colour: axis.rule }, labels),
      columns,
    );
    expect(points.map(({ x, deviation }) => [x, deviation])).toEqual([
      [10, 0],
      [20, undefined],
    ]);
  });

  test('one seed has no deviation; values that are not finite are left out', () => {
    const runs = [run({ seed: 1, accuracies: [0.2, NaN] }), run({ seed: 2, accuracies: [NaN, NaN] })];
    const points = summarizeCurves(
      runs,
      arrange(runs, { panel: undefined, colour: axis.rule }, labels),
      columns,
    );
    expect(points).toHaveLength(1);
    expect(points[0]).toMatchObject({ mean: 0.2, deviation: undefined, seeds: 1 });
  });
});

describe('finals', () => {
  const runs = [
    run({ rule: 'krum', attack: 'little', accuracies: [0.9, 0.6] }),
    run({ rule: 'krum', attack: 'little', accuracies: [0.9, 0.8], seed: 2 }),
    run({ rule: 'krum', attack: 'sign-flip', accuracies: [0.3] }),
    run({ rule: 'cwmed', attack: 'little', accuracies: [0.4] }),
  ];
  const arrangement = arrange(runs, { panel: axis.attack, colour: axis.rule, pooled: axis.attack }, labels);
  const [cwmed, krum] = arrangement.series;

  test('the last row counts', () => {
    const cells = summarizeQuantity(runs, arrangement, { row: 'final', column: 'test_accuracy' });
    expect(cells.map(({ panel, series, seeds }) => [panel, series.label, seeds])).toEqual([
      ['little', 'CWMed', 1],
      ['little', 'Krum', 2],
      ['sign-flip', 'Krum', 1],
    ]);
    expect(cells[1].mean).toBeCloseTo(0.7, 14);
  });

  test('the worst: least accuracy, greatest loss; none for a rule that lacks an attack', () => {
    const attacks = ['little', 'sign-flip'];
    const worst = (y: string) =>
      worstCells(
        summarizeQuantity(runs, arrangement, { row: 'final', column: y }),
        [cwmed, krum],
        attacks,
        labels.column(y),
      );
    expect(worst('test_accuracy')).toMatchObject([{ series: krum, attack: 'sign-flip', mean: 0.3 }]);
    expect(worst('test_loss')).toMatchObject([{ series: krum, attack: 'sign-flip', mean: 1.7 }]);
  });

  test.each([
    ['sign-flip', 'little', 'empire'],
    ['empire', 'sign-flip', 'little'],
    ['little', 'empire', 'sign-flip'],
  ])('of equally bad cells the first attack by name, as in checks: %s, %s, %s', (...attacks) => {
    const quantity = { row: 'final', column: 'test_accuracy' } as const;
    const tied = attacks.map((attack) =>
      run({ rule: 'krum', attack, accuracies: [attack === 'sign-flip' ? 0.9 : 0.5] }),
    );
    const one = arrange(tied, { panel: undefined, colour: axis.rule, pooled: axis.attack }, labels);
    const cells = summarizeQuantity(tied, one, quantity);
    const [worst] = worstCells(cells, one.series, attacks, labels.column('test_accuracy'));
    expect(worst).toMatchObject({ attack: 'empire', mean: 0.5 });
    const { thresholds } = parseThresholds({ 'final.test_accuracy': 'mean >= 0.6' }, [
      labels.column('test_accuracy'),
    ]);
    const [outcome] = check([{ threshold: thresholds[0] }], tied, labels);
    const checked = 'cells' in outcome ? outcome.cells : [];
    expect(checked.map(({ cell, value }) => [cell.axes.get(axis.attack), value])).toEqual([
      ['empire', 0.5],
      ['little', 0.5],
      ['sign-flip', 0.9],
    ]);
  });
});
