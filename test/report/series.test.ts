import { describe, expect, test } from 'vitest';
import { axis } from '../../src/config/axes.js';
import { arrange } from '../../src/report/series.js';
import { run } from '../support/study.js';
import { labels } from '../support/labels.js';

const labelsOf = (runs: Parameters<typeof arrange>[0], choice: Parameters<typeof arrange>[1]) =>
  arrange(runs, choice, labels).series.map(({ label }) => label);
const byRule = { panel: axis.attack, colour: axis.rule };

describe('series', () => {
  test('weighted and unweighted rules share a colour and differ in dashes; λ goes with its attack', () => {
    const runs = ['label-flip', 'sign-flip'].flatMap((attack) =>
      ['geometric-median', 'cwmed'].flatMap((rule) =>
        [true, false].flatMap((weighted) =>
          [1, 2].map((seed) =>
            run({ rule, weighted, attack, lambda: attack === 'label-flip' ? 0.3 : 0.4, seed }),
          ),
        ),
      ),
    );
    const { panels, series, seriesOf } = arrange(runs, byRule, labels);
    expect(panels).toEqual(['label-flip, λ = 0.3', 'sign-flip, λ = 0.4']);
    expect(series.map(({ label }) => label)).toEqual(['ω-CWMed', 'CWMed', 'ω-GM', 'GM']);
    const [wCwmed, cwmed, wGm, gm] = series;
    expect([cwmed.colour, gm.colour]).toEqual([wCwmed.colour, wGm.colour]);
    expect(cwmed.colour).not.toBe(gm.colour);
    expect([wGm.dash, gm.dash]).toEqual([wCwmed.dash, cwmed.dash]);
    expect(cwmed.dash).not.toEqual(wCwmed.dash);
    expect(runs.filter((one) => seriesOf(one) === gm)).toHaveLength(4);
  });

  test('a rule has one colour whatever is beside it', () => {
    const rules = ['mean', 'cwmed', 'geometric-median', 'trimmed-mean', 'mean-around-median', 'krum'];
    const all = arrange(
      rules.map((rule) => run({ rule })),
      byRule,
      labels,
    ).series;
    expect(new Set(all.map(({ colour }) => colour)).size).toBe(rules.length);
    const krum = arrange([run({ rule: 'krum' }), run({ rule: 'bulyan' })], byRule, labels).series[1];
    expect(krum.label).toBe('Krum');
    expect(krum.colour).toBe(all.find(({ label }) => label === 'Krum')!.colour);
  });

  test('lines that differ in colour only have dashes of their own, for grey print', () => {
    const { series } = arrange(
      [run({ rule: 'krum' }), run({ rule: 'mean' }), run({ rule: 'caf' })],
      byRule,
      labels,
    );
    expect(new Set(series.map(({ dash }) => dash.join())).size).toBe(3);
  });

  test('meta-aggregators are named', () => {
    const runs = [
      run(),
      run({ meta: [{ rule: 'ctma' }] }),
      run({ meta: [{ rule: 'nnm' }, { rule: 'ctma' }] }),
    ];
    expect(labelsOf(runs, byRule)).toEqual(['CWMed', 'CWMed + CTMA', 'CWMed + NNM + CTMA']);
  });

  test('parameters are named where they alone tell series apart', () => {
    const optimizers = [
      { name: 'sgd', learningRate: 0.1 },
      { name: 'momentum', learningRate: 0.1, beta: 0.8 },
      { name: 'momentum', learningRate: 0.1, beta: 0.9 },
      { name: 'mu2-sgd', learningRate: 0.1, form: 'fixed', beta: 0.25, gamma: 0.1 },
    ];
    const runs = optimizers.map((optimizer) => run({ optimizer }));
    expect(labelsOf(runs, { panel: undefined, colour: axis.optimizer })).toEqual([
      'momentum, β = 0.8',
      'momentum, β = 0.9',
      'μ²-SGD',
      'SGD',
    ]);
    expect(labelsOf([run({ workers: 9 }), run({ workers: 17 })], byRule)).toEqual([
      'CWMed, workers = 9',
      'CWMed, workers = 17',
    ]);
  });

  test('runs whose configs read the same but are not the same stay apart', () => {
    const runs = [run({ hash: 'aaaaaaaa11' }), run({ hash: 'bbbbbbbb22' })];
    expect(labelsOf(runs, byRule)).toEqual(['CWMed, aaaaaaaa', 'CWMed, bbbbbbbb']);
  });

  test('are weighted only where runs of one panel differ in that', () => {
    const runs = [true, false].map((weighted) => run({ weighted }));
    expect(labelsOf(runs, byRule)).toEqual(['ω-CWMed', 'CWMed']);
    expect(labelsOf(runs, { panel: axis.weighted, colour: axis.rule })).toEqual(['CWMed']);
  });

  test('have a name for every way in which data are split, in order', () => {
    const splits = [{ dirichlet: 10 }, { dirichlet: 5 }, undefined, 'extreme', { gamma: 0.5 }];
    const runs = splits.map((split) => run({ split, hash: JSON.stringify(split) ?? '' }));
    const names = ['extreme', 'iid', 'Dirichlet α = 5', 'Dirichlet α = 10', 'γ = 0.5'];
    expect(labelsOf(runs, { panel: undefined, colour: axis.split })).toEqual(names);
    expect(arrange(runs, { panel: axis.split, colour: axis.rule }, labels).panels).toEqual(names);
  });
});
