import { describe, expect, test } from 'vitest';
import { check, collectThresholds, type Outcome } from '../../src/check/check.js';
import { describeResult } from '../../src/check/describe.js';
import { parseThresholds } from '../../src/thresholds/thresholds.js';
import type { StudyRun } from '../../src/study/study-run.js';
import { run, type RunOptions } from '../support/study.js';
import { columns, labels } from '../support/labels.js';

/** Seeds 1, 2, ... that end at these accuracies. */
function seeds(accuracies: readonly number[], options: RunOptions = {}): StudyRun[] {
  return accuracies.map((accuracy, k) => run({ ...options, seed: k + 1, accuracies: [0.1, accuracy] }));
}

function outcomes(thresholds: unknown, runs: readonly StudyRun[]): Outcome[] {
  const parsed = parseThresholds(thresholds, columns);
  expect(parsed.issues).toEqual([]);
  return check(
    parsed.thresholds.map((threshold) => ({ threshold })),
    runs,
    labels,
  );
}

/** Of a single threshold: its line, or why it could not be told. */
function line(thresholds: unknown, runs: readonly StudyRun[]): string {
  const [outcome] = outcomes(thresholds, runs);
  return 'error' in outcome ? outcome.error : `${outcome.met ? '✓' : '✗'} ${describeResult(outcome)}`;
}

const accuracy = (...tests: string[]) => ({ 'final.test_accuracy': tests });

describe('a test of a cell', () => {
  const runs = seeds([0.9, 0.92, 0.97]); // mean 0.93, deviation √((9 + 1 + 16) / 2) / 100 = √13 / 100

  test.each([
    ['mean >= 0.93', true, 0.93, 0],
    ['mean > 0.93', false, 0.93, 0],
    ['mean >= 0.95', false, 0.93, -0.02],
    ['mean <= 0.95', true, 0.93, 0.02],
    ['mean < 0.93', false, 0.93, 0],
    ['min >= 0.9', true, 0.9, 0],
    ['min > 0.91', false, 0.9, -0.01],
    ['max <= 0.96', false, 0.97, -0.01],
    ['std <= 0.0361', true, Math.sqrt(13) / 100, 0.0361 - Math.sqrt(13) / 100],
    ['std < 0.036', false, Math.sqrt(13) / 100, 0.036 - Math.sqrt(13) / 100],
  ])('%s', (text, met, value, margin) => {
    const [outcome] = outcomes(accuracy(text), runs);
    expect(outcome).toMatchObject({ met, cells: [{ met }] });
    const [cell] = 'cells' in outcome ? outcome.cells : [];
    expect(cell.value).toBeCloseTo(value, 12);
    expect(cell.margin).toBeCloseTo(margin, 12);
  });

  test('on the bound is on the bound, whatever rounding does', () => {
    expect(line(accuracy('mean >= 0.95'), seeds([0.95, 0.95, 0.95]))).toMatch(/^✓/);
    const [weighted, unweighted] = [seeds([0.95], { weighted: true }), seeds([0.93], { weighted: false })];
    expect(0.95 - 0.93).toBeLessThan(0.02); // so much for decimal fractions
    const thresholds = { against: { weighted: false }, ...accuracy('difference >= 0.02') };
    expect(line(thresholds, [...weighted, ...unweighted])).toMatch(/^✓/);
  });

  test('the last row, or the best one', () => {
    const [one] = runs;
    const summary = { ...one.summary, best: { ...one.summary.best, test_accuracy: 0.99, update: 10 } };
    const better = [{ ...one, summary }];
    expect(line({ 'best.test_accuracy': 'mean >= 0.99' }, better)).toMatch(/^✓/);
    expect(line({ 'final.test_accuracy': 'mean >= 0.99' }, better)).toMatch(/^✗/);
    expect(line({ 'best.update': 'max <= 10' }, better)).toMatch(/^✓/);
  });

  test('of equally bad cells the first attack is named, in whatever order they ran', () => {
    const tied = ['little', 'empire'].map((attack) => run({ attack, accuracies: [0.5] }));
    expect(line(accuracy('mean >= 0.4'), tied)).toContain('(empire; ');
    expect(line(accuracy('mean >= 0.4'), tied.toReversed())).toContain('(empire; ');
  });

  test('the worst cell stands for all', () => {
    const study = [
      ...seeds([0.99, 0.99], { rule: 'krum' }),
      ...seeds([0.9, 0.94], { rule: 'cwmed' }),
      ...seeds([0.96, 0.96], { rule: 'mean' }),
    ];
    expect(line(accuracy('mean >= 0.95'), study)).toBe(
      '✗ final.test_accuracy mean >= 0.95: 0.92, margin -0.03 (CWMed; 2 seeds; worst of 3 cells)',
    );
    expect(line(accuracy('mean <= 0.95'), study)).toBe(
      '✗ final.test_accuracy mean <= 0.95: 0.99, margin -0.04 (Krum; 2 seeds; worst of 3 cells)',
    );
    expect(line(accuracy('mean >= 0.9'), study)).toBe(
      '✓ final.test_accuracy mean >= 0.9: 0.92, margin 0.02 (CWMed; 2 seeds; worst of 3 cells)',
    );
  });

  test('a deviation takes two seeds', () => {
    expect(line(accuracy('std <= 0.01'), seeds([0.9]))).toBe(
      'cannot check final.test_accuracy std <= 0.01: test has one seed, and a deviation takes two: run more seeds',
    );
  });

  test('a column that a run does not have cannot be told', () => {
    const [one] = runs;
    const final = { ...one.summary.final, test_accuracy: undefined };
    const rows = [...one.rows.slice(0, -1), final];
    expect(
      line(accuracy('mean >= 0'), [{ ...one, path: 'x', rows, summary: { ...one.summary, final } }]),
    ).toMatch(
      /: missing final.test_accuracy: x has none \(it has update, time, epoch, train_loss, test_loss, /,
    );
  });

  test('a cell with a run that ended early misses it, however good the others are', () => {
    const [one, two] = runs;
    const message = 'quorum not met in step 4';
    const early = [one, { ...two, summary: { ...two.summary, status: 'stopped' as const, message } }];
    expect(line(accuracy('mean >= 0'), early)).toBe(
      '✗ final.test_accuracy mean >= 0: seed 2 ended early: quorum not met in step 4 (test; 2 seeds; 1 cell)',
    );
  });
});

describe('where', () => {
  const study = [
    ...seeds([0.99], { attack: 'sign-flip', lambda: 0.4 }),
    ...seeds([0.8], { attack: 'empire', lambda: 0.3 }),
    ...seeds([0.7], { attack: 'empire', lambda: 0.3, meta: [{ rule: 'ctma' }] }),
    ...seeds([0.6], { attack: 'empire', lambda: 0.3, meta: [{ rule: 'nnm' }, { rule: 'ctma' }] }),
  ];
  const picked = (where: unknown) => {
    const [outcome] = outcomes({ where, ...accuracy('mean >= 0') }, study);
    return 'cells' in outcome ? outcome.cells.map(({ value }) => value).sort() : outcome.error;
  };

  test.each([
    [{ attack: 'sign-flip' }, [0.99]],
    [{ 'byzantine.attack': 'sign-flip' }, [0.99]],
    [{ attack: ['sign-flip', 'empire'], meta: 'none' }, [0.8, 0.99]],
    [{ lambda: [0.4, 0.2] }, [0.99]],
    [{ byzantine: { attack: { attack: 'empire', factor: 0.1 } } }, [0.6, 0.7, 0.8]],
    [{ 'byzantine.attack.factor': 0.1 }, [0.6, 0.7, 0.8]],
    [{ lambda: 0.3, meta: 'none' }, [0.8]],
    [{ 'aggregator.meta': [], attack: 'empire' }, [0.8]],
    [{ 'aggregator.meta': ['ctma'] }, [0.7]],
    [{ meta: 'nnm+ctma' }, [0.6]],
    [{ meta: [{ rule: 'nnm' }, 'ctma'] }, [0.6]],
    [{ aggregator: 'cwmed', weighted: true }, [0.6, 0.7, 0.8, 0.99]],
    [{ optimizer: { name: 'sgd', learningRate: 0.1 } }, [0.6, 0.7, 0.8, 0.99]],
  ])('%j', (where, values) => {
    expect(picked(where)).toEqual(values);
  });

  test.each([
    [
      { attack: 'sing-flip' },
      /it matches nothing: no run has byzantine.attack.attack = sing-flip \(did you mean sign-flip\?\)$/,
    ],
    [{ lambda: [0.5, 0.6] }, /no run has byzantine.lambda = 0.5 or 0.6 \(they have 0.3, 0.4\)$/],
    [{ lambda: 0.5 }, /it matches nothing: no run has byzantine.lambda = 0.5 \(they have 0.3, 0.4\)$/],
    [
      { attack: 'sign-flip', lambda: 0.3 },
      /no run has byzantine.attack.attack = sign-flip and byzantine.lambda = 0.3$/,
    ],
    [{ atack: 'empire' }, /unknown axis: atack \(did you mean attack\?\)/],
  ])('%j matches nothing', (where, message) => {
    expect(picked(where)).toMatch(message);
  });
});

describe('data that are split', () => {
  const splits = [undefined, 'extreme', { dirichlet: 0.5 }, { dirichlet: 5 }, { gamma: 0.5 }];
  const study = splits.flatMap((split, k) => seeds([0.9 - 0.1 * k], { split, hash: `split ${k}` }));

  test.each([
    [{ split: 'iid' }, 'extreme', 0.1],
    [{ split: 'iid' }, { dirichlet: 5 }, 0.3],
    [{ split: { dirichlet: 0.5 } }, 'iid', -0.2],
    [{ 'split.dirichlet': 0.5 }, 'extreme', -0.1],
    [{ split: { dirichlet: 5 } }, { dirichlet: 0.5 }, -0.1],
    [{ split: 'extreme' }, { gamma: 0.5 }, 0.3],
  ])('%j is compared with %j', (where, split, difference) => {
    const [outcome] = outcomes({ where, against: { split }, ...accuracy('difference > -1') }, study);
    expect('cells' in outcome && outcome.cells.map(({ value }) => value)).toEqual([
      expect.closeTo(difference, 12),
    ]);
  });

  test('what no run has is named as configs write it', () => {
    expect(line({ where: { split: 'none' }, ...accuracy('mean > 0') }, study)).toContain(
      'no run has split = none (they have extreme, iid, {dirichlet: 0.5}, {dirichlet: 5}, {gamma: 0.5})',
    );
  });
});

test('a word that may stand for several keys stands for the one that has the value', () => {
  const study = seeds([0.9]); // whose workers arrive ∝ id, by exponential clocks
  for (const arrival of ['id', 'exponential'])
    expect(line({ where: { arrival }, ...accuracy('mean > 0') }, study)).toMatch(/^✓/);
});

test('a word never stands for a key of another name that happens to have the value', () => {
  const study = seeds([0.9], { meta: [{ rule: 'ctma', lambda: 0.25 }], lambda: 0.4 });
  expect(line({ where: { lambda: 0.25 }, ...accuracy('mean > 0') }, study)).toContain(
    'no run has byzantine.lambda = 0.25',
  );
});

describe('against', () => {
  const weightedAgainstUnweighted = (...tests: string[]) => ({
    against: { weighted: false },
    ...accuracy(...tests),
  });

  /** Two rules, of which one breaks ties otherwise when it is weighted; and the values a real study could have. */
  const study = [
    ...seeds([0.97, 0.98, 0.99], { rule: 'cwmed', weighted: true }),
    ...seeds([0.9, 0.93, 0.94], { rule: 'cwmed', weighted: false }),
    ...seeds([0.95, 0.97, 0.99], { rule: 'krum', weighted: true }),
    ...seeds([0.94, 0.97, 0.98], { rule: 'krum', weighted: false }),
  ];

  test('each cell beside the one that differs in these keys, up to defaults that follow from them', () => {
    const [outcome] = outcomes(weightedAgainstUnweighted('difference >= 0.02'), study);
    if ('error' in outcome) throw new Error(outcome.error);
    expect(outcome.cells.map(({ cell, counterpart }) => [cell.label, counterpart!.label])).toEqual([
      ['ω-Krum', 'Krum'],
      ['ω-CWMed', 'CWMed'],
    ]);
    expect(outcome.cells[0].value).toBeCloseTo(0.97 - (0.94 + 0.97 + 0.98) / 3, 12);
    expect(outcome.met).toBe(false);
  });

  test.each([
    // CWMed: 0.98 ± 0.01 and 0.9233 ± 0.0208, t = 4.25, 2.88 degrees, p = 0.026. Krum: p = 0.69.
    ['better', 'cwmed', true],
    ['not better', 'cwmed', false],
    ['not worse', 'cwmed', true],
    ['worse', 'cwmed', false],
    ['better', 'krum', false],
    ['not better', 'krum', true],
    ['not worse', 'krum', true],
    ['worse', 'krum', false],
  ])('%s: weighted %s', (verdict, rule, met) => {
    const thresholds = { where: { rule }, ...weightedAgainstUnweighted(verdict) };
    expect(outcomes(thresholds, study)).toMatchObject([{ met, cells: [{ met }] }]);
  });

  describe('by a number, which has to be shown', () => {
    // Deviations of 0.01: a standard error of √(2/3) % with 4 degrees, of which one-sided 5 % is 2.132, or 1.741 %.
    const middle = [0.95, 0.96, 0.97];
    const upper = [0.97, 0.98, 0.99];
    const noisy = [0.9, 0.96, 0.99];
    test.each([
      [middle, middle, 'not worse by 0.018', 'not worse by 0.017'],
      [middle, middle, 'not better by 0.018', 'not better by 0.017'],
      [upper, middle, 'better by 0.002', 'better by 0.003'],
      [upper, middle, 'not better by 0.038', 'not better by 0.037'],
      [upper, middle, 'not worse by 1e-9', 'worse by 1e-9'],
      [middle, upper, 'worse by 0.002', 'worse by 0.003'],
      [middle, upper, 'not worse by 0.038', 'not worse by 0.037'],
      [noisy, middle, 'not worse', 'not worse by 0.01'],
      [noisy, middle, 'not better', 'not better by 0.01'],
    ])('%j beside %j: %s, but not shown to be %s', (own, other, met, missed) => {
      const study = [...seeds(own, { weighted: true }), ...seeds(other, { weighted: false })];
      expect(line(weightedAgainstUnweighted(met), study)).toMatch(/^✓/);
      expect(line(weightedAgainstUnweighted(missed), study)).toMatch(/^✗/);
    });

    test('the line has the one-sided p, the worst cell is the least sure', () => {
      // Krum: deviations 0.02 and 0.0208, so t = (0.006667 + 0.005) / 0.01667 = 0.7 with 3.99 degrees. CWMed: p = 0.01.
      expect(line(weightedAgainstUnweighted('not worse by 0.005'), study)).toMatch(
        /^✗ final.test_accuracy not worse by 0.005: difference 0.006667 ± 0.01667, one-sided p = 0.26 \(ω-Krum; 3 seeds; worst of 2 cells\)$/,
      );
    });

    test('of losses the smaller ones are better', () => {
      const loss = (test: string) => ({
        where: { rule: 'cwmed', weighted: true },
        against: { weighted: false },
        'final.test_loss': [test],
      });
      expect(line(loss('better by 0.01'), study)).toMatch(
        /^✓ .*: difference -0.05667 ± 0.01333, one-sided p/,
      );
      expect(line(loss('not worse by 0.01'), study)).toMatch(/^✓/);
      expect(line(loss('not better by 0.01'), study)).toMatch(/^✗/);
      expect(line(loss('worse by 0.01'), study)).toMatch(/^✗/);
    });
  });

  test('of losses the smaller ones are better', () => {
    // The loss of these runs is 2 - accuracy.
    const loss = (test: string) => ({
      where: { rule: 'cwmed', weighted: true },
      against: { weighted: false },
      'final.test_loss': test,
    });
    expect(line(loss('better'), study)).toMatch(
      /^✓ final.test_loss better: difference -0.05667 ± 0.01333, p = 0.0/,
    );
    expect(line(loss('worse'), study)).toMatch(/^✗/);
  });

  test('mean, std, min and max are of the cell itself', () => {
    expect(line(weightedAgainstUnweighted('min >= 0.95'), study)).toMatch(
      /^✓ final.test_accuracy min >= 0.95: 0.95,/,
    );
  });

  test('the worst for a verdict: the least sure', () => {
    expect(line(weightedAgainstUnweighted('better'), study)).toMatch(
      /^✗ final.test_accuracy better: difference 0.006667 ± .*, p = 0.\d+ \(ω-Krum; 3 seeds; worst of 2 cells\)$/,
    );
  });

  test('a verdict takes two seeds a side, a difference one', () => {
    const one = [...seeds([0.9], { weighted: true }), ...seeds([0.8, 0.7], { weighted: false })];
    expect(line(weightedAgainstUnweighted('better'), one)).toBe(
      'cannot check final.test_accuracy better against weighted = false: ω-CWMed has one seed, and telling more than ' +
        'noise takes two a side; test the difference instead',
    );
    expect(line(weightedAgainstUnweighted('difference >= 0.1'), one)).toMatch(
      /^✓ .*: 0.15, margin 0.05 \(ω-CWMed; 1 and 2 seeds; 1 cell\)$/,
    );
  });

  test('a counterpart that diverged makes the cell miss', () => {
    const [first, ...rest] = seeds([0.8, 0.7], { weighted: false });
    const diverged = { ...first, summary: { ...first.summary, status: 'diverged' as const } };
    expect(line(weightedAgainstUnweighted('better'), [...seeds([0.9, 0.91]), diverged, ...rest])).toMatch(
      /^✗ .*: seed 1 of what it is compared with ended early/,
    );
  });

  test('no counterpart: names the closest and what it has otherwise', () => {
    const study = [
      ...seeds([0.9, 0.91], { weighted: true, lambda: 0.4 }),
      ...seeds([0.8, 0.81], { weighted: false, lambda: 0.3, workers: 7 }),
      ...seeds([0.8, 0.81], { weighted: false, lambda: 0.3 }),
    ];
    expect(line(weightedAgainstUnweighted('better'), study)).toMatch(
      /nothing to compare ω-CWMed, workers = 9 with: CWMed, workers = 9 comes closest and has byzantine.lambda = 0.3; run what/,
    );
    expect(line(weightedAgainstUnweighted('better'), seeds([0.9, 0.91]))).toMatch(
      /no run has aggregator.weighted = false \(they have true\)$/,
    );
    expect(line(weightedAgainstUnweighted('better'), seeds([0.9, 0.91], { weighted: false }))).toMatch(
      /it matches nothing: all cells have weighted = false, with which they were to be compared$/,
    );
  });

  describe('several counterparts', () => {
    const momentum = (beta: number) => ({ name: 'momentum', learningRate: 0.1, beta });
    const study = [
      ...seeds([0.95, 0.96], { optimizer: { name: 'mu2-sgd', learningRate: 0.1, beta: 0.25, gamma: 0.1 } }),
      ...seeds([0.9, 0.91], { optimizer: momentum(0.8) }),
      ...seeds([0.92, 0.94], { optimizer: momentum(0.9) }),
    ];
    const against = (against: object) =>
      line({ where: { optimizer: 'mu2-sgd' }, against, ...accuracy('difference > 0') }, study);

    test('are refused with the keys that tell them apart', () => {
      expect(against({ optimizer: 'momentum' })).toMatch(
        /: 2 cells to compare μ²-SGD, .* with: momentum, β = 0.8; momentum, β = 0.9; say which in against, by optimizer.beta$/,
      );
    });
    test('one of them is named by a further key', () => {
      expect(against({ optimizer: 'momentum', beta: 0.9 })).toMatch(/^✓ .*: 0.025, /);
      expect(against({ optimizer: { name: 'momentum', beta: 0.8 } })).toMatch(/^✓ .*: 0.05, /);
    });
    test('the one that agrees in the defaults too is meant', () => {
      const alike = seeds([0.85, 0.86], { optimizer: momentum(0.25) });
      const thresholds = { where: { optimizer: 'mu2-sgd' }, against: { optimizer: 'momentum' } };
      expect(line({ ...thresholds, ...accuracy('difference > 0') }, [...study, ...alike])).toMatch(/: 0.1, /);
    });
  });

  test('what has nothing to do with the keys has to agree', () => {
    const study = [
      ...seeds([0.9, 0.91], { rule: 'krum', optimizer: { name: 'sgd', learningRate: 0.1 }, weighted: true }),
      ...seeds([0.8, 0.82], { rule: 'krum', optimizer: { name: 'sgd', learningRate: 0.2 }, weighted: false }),
    ];
    expect(line(weightedAgainstUnweighted('better'), study)).toMatch(/has optimizer.learningRate = 0.2;/);
  });
});

describe('collectThresholds', () => {
  const holder = (hash: string, thresholds: unknown) => ({ hash, thresholds, source: `${hash}.yaml` });

  test('each experiment is held to its own', () => {
    const held = collectThresholds(
      [
        holder('a', accuracy('mean >= 0.9')),
        holder('b', [accuracy('mean >= 0.9', 'std <= 0.1')]),
        holder('c', undefined),
      ],
      columns,
    );
    expect(held.map(({ threshold, hashes }) => [threshold.text, [...hashes!]])).toEqual([
      ['mean >= 0.9', ['a', 'b']],
      ['std <= 0.1', ['b']],
    ]);
  });

  test('thresholds that are none are refused', () => {
    expect(() => collectThresholds([holder('a', accuracy('maen >= 0.9'))], columns)).toThrow(
      'unreadable thresholds in a.yaml: unknown statistic: maen (did you mean mean?)',
    );
  });

  test('one that cannot be told does not stop the others', () => {
    const outcome = outcomes(accuracy('std <= 0.1', 'mean >= 0.5'), seeds([0.9]));
    expect(outcome).toMatchObject([{ error: expect.stringContaining('one seed') as string }, { met: true }]);
  });
});

describe('the time to a target', () => {
  /** A row a time unit, ten updates each. */
  const curves = (accuracies: number[][], options: RunOptions = {}) =>
    accuracies.map((each, k) => run({ ...options, seed: k + 1, accuracies: each }));
  const reached = curves([
    [0.5, 0.95, 0.9],
    [0.5, 0.8, 0.96],
  ]);
  const never = curves([
    [0.5, 0.95, 0.9],
    [0.5, 0.8, 0.94],
  ]);
  const to95 = (test: string) => ({ 'updates to test_accuracy 0.95': test });

  test('is that of the first row that reaches it, also where the run falls behind again', () => {
    expect(line(to95('mean <= 25'), reached)).toMatch(/^✓ updates to test_accuracy 0.95 mean <= 25: 25, /);
    expect(line(to95('max <= 20'), reached)).toMatch(/^✗ .*: 30, margin -10 /);
    // Seeds have times of their own: 2.1 and 3.2.
    expect(line({ 'time to test_accuracy 0.95': 'mean < 3' }, reached)).toMatch(/: 2.65, margin 0.35 /);
    // Losses are 2 less the accuracy, and less is better.
    expect(line({ 'updates to test_loss 1.2': 'max <= 20' }, reached)).toMatch(/^✓ .*: 20, /);
  });

  test('is not there where a seed never reaches it, which is said and misses what bounds it from above', () => {
    expect(line(to95('mean <= 1000'), never)).toMatch(/^✗ .*: seed 2 never reaches it \(/);
    expect(line(to95('max <= 1000'), never)).toMatch(/^✗ .*: seed 2 never reaches it \(/);
    expect(line(to95('std <= 1000'), never)).toMatch(/^✗ .*: seed 2 never reaches it \(/);
    expect(line(to95('min <= 20'), never)).toMatch(/^✓ .*: 20, /);
    expect(line(to95('mean >= 25'), never)).toMatch(/^✓ .*: seed 2 never reaches it \(/);
  });

  test('is better where it is less', () => {
    const fast = [0.1, 0.2, 0.3, 0.4].map((first) => [first, 0.95, 0.96, 0.97]);
    const slow = [[0.1, 0.2, 0.3, 0.95], ...fast.slice(1).map(([first]) => [first, 0.5, 0.95, 0.96])];
    const both = [...curves(fast, { weighted: true }), ...curves(slow, { weighted: false })];
    const against = { against: { weighted: false } };
    expect(line({ ...against, ...to95('better') }, both)).toMatch(/^✓ .*: difference -12.5 ± 2.5, p = /);
    expect(line({ ...against, ...to95('better by 5') }, both)).toMatch(/^✓/);
    const none = [...curves(fast, { weighted: true }), ...curves([[0.1]], { weighted: false })];
    for (const test of ['max <= 1000', 'mean <= 1000', 'std <= 100', 'min >= 1'])
      expect(line({ ...against, ...to95(test) }, none), test).toMatch(/^✓/);
    expect(line({ ...against, ...to95('better') }, none)).toMatch(
      /^✗ .*: seed 1 of what it is compared with never reaches it/,
    );
  });
});
