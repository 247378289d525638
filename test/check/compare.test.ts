import { describe, expect, test } from 'vitest';
import { compareStudies, expectedByChance, parseQuantity } from '../../src/check/compare.js';
import type { StudyRun } from '../../src/study/study-run.js';
import { run, type RunOptions } from '../support/study.js';
import { labels } from '../support/labels.js';

function seeds(accuracies: readonly number[], options: RunOptions = {}): StudyRun[] {
  return accuracies.map((accuracy, k) => run({ ...options, seed: k + 1, accuracies: [0.1, accuracy] }));
}

const compare = (a: StudyRun[], b: StudyRun[], row: 'final' | 'best' = 'final') =>
  compareStudies(a, b, { row, column: 'test_accuracy' }, labels);

describe('compareStudies', () => {
  test('by hand: B minus A, its standard error, Welch', () => {
    // means 0.5 and 0.2; variances 0.02 and 0.08; standard error √0.05; degrees 25/17
    const { pairs } = compare(seeds([0.4, 0.6]), seeds([0, 0.4]));
    expect(pairs).toHaveLength(1);
    expect(pairs[0].difference).toBeCloseTo(-0.3, 12);
    expect(pairs[0].welch!.error).toBeCloseTo(Math.sqrt(0.05), 12);
    expect(pairs[0].welch!.degrees).toBeCloseTo(25 / 17, 10);
    expect(pairs[0].change).toBe('noise');
  });

  test.each([
    ['higher', [0.9, 0.91, 0.92], [0.95, 0.96, 0.97]],
    ['lower', [0.95, 0.96, 0.97], [0.9, 0.91, 0.92]],
    ['noise', [0.9, 0.95, 0.97], [0.91, 0.96, 0.97]],
    ['equal', [0.9, 0.95], [0.9, 0.95]],
    ['noise', [0.9, 0.95], [0.95, 0.9]],
    ['one seed', [0.9], [0.95, 0.96]],
    ['equal', [0.9], [0.9]],
  ])('%s: %j and %j', (change, a, b) => {
    expect(compare(seeds(a), seeds(b)).pairs).toMatchObject([{ change }]);
  });

  test.each([
    // deviations of 0.001: a standard error of 0.08165 % with 4 degrees, of which one-sided 5 % is 0.1741 %
    ['alike', [0.95, 0.951, 0.952], [0.953, 0.954, 0.955]], // 0.3 % apart: less than 0.5 %, and more than noise
    ['higher', [0.95, 0.951, 0.952], [0.954, 0.955, 0.956]],
    ['noise', [0.9, 0.95, 0.97], [0.91, 0.96, 0.97]],
    ['equal', [0.9, 0.95], [0.9, 0.95]],
    ['one seed', [0.95], [0.95, 0.951]],
  ])('within 0.005, %s: %j and %j', (change, a, b) => {
    const options = { row: 'final', column: 'test_accuracy', within: 0.005 } as const;
    expect(compareStudies(seeds(a), seeds(b), options, labels).pairs).toMatchObject([{ change }]);
  });

  test.each(['diverged', 'stopped'] as const)('a run that %s leaves nothing to test', (status) => {
    const [first, second] = seeds([0.9, 0.91]);
    const early = { ...second, summary: { ...second.summary, status } };
    const [pair] = compare(seeds([0.9, 0.91]), [first, early]).pairs;
    expect(pair).toMatchObject({ change: 'ended early', values: { a: [0.9, 0.91], b: [0.9] } });
    expect(pair.difference).toBeUndefined();
  });

  test('cells of equal hash belong together, what is in one study only is told', () => {
    const [cwmed, krum, mean] = ['cwmed', 'krum', 'mean'].map((rule) => seeds([0.9, 0.91], { rule }));
    const { pairs, onlyA, onlyB, differing } = compare([...cwmed, ...krum], [...mean, ...cwmed]);
    expect(pairs.map(({ a, b }) => [a.label, b.label])).toEqual([['CWMed', 'CWMed']]);
    expect(onlyA.map(({ label }) => label)).toEqual(['Krum']);
    expect(onlyB.map(({ label }) => label)).toEqual(['mean']);
    expect(differing).toEqual([]);
  });

  test('cells of two versions, one of which has a further key, belong together', () => {
    const rules = ['cwmed', 'krum'];
    const before = rules.flatMap((rule) => seeds([0.9, 0.91], { rule }));
    const after = before.map((run) => ({
      ...run,
      hash: `${run.hash} of a later version`,
      axes: new Map([...run.axes, ['clip', 2] as const, ['hash', `${run.hash} of a later version`] as const]),
    }));
    const { pairs, onlyA, onlyB } = compare(before, after);
    expect(pairs.map(({ label, change }) => [label, change])).toEqual([
      ['CWMed', 'equal'],
      ['Krum', 'equal'],
    ]);
    expect([...onlyA, ...onlyB]).toEqual([]);
  });

  test('studies that differ in a key throughout, which is told', () => {
    const study = (weighted: boolean) =>
      ['cwmed', 'krum'].flatMap((rule, k) => seeds([0.9 + 0.05 * k, 0.92], { rule, weighted }));
    const { pairs, onlyA, onlyB, differing } = compare(study(true), study(false));
    expect(pairs.map(({ label }) => label)).toEqual(['CWMed', 'Krum']);
    expect([...onlyA, ...onlyB]).toEqual([]);
    expect(differing).toEqual([{ path: 'aggregator.weighted', a: true, b: false }]);
  });

  test('two single experiments', () => {
    const { pairs, differing } = compare(
      seeds([0.9, 0.91], { rule: 'mean' }),
      seeds([0.95, 0.96], { rule: 'krum' }),
    );
    expect(pairs).toHaveLength(1);
    expect(differing).toEqual([{ path: 'aggregator.rule', a: 'mean', b: 'krum' }]);
  });

  test('how many differences chance alone would find', () => {
    const study = (shift: number) =>
      ['cwmed', 'krum', 'mean', 'mda'].flatMap((rule) => seeds([0.9 + shift, 0.92], { rule }));
    expect(expectedByChance(compare(study(0), study(0.01)).pairs)).toEqual({ tested: 4, expected: 0.2 });
    expect(expectedByChance(compare(study(0), study(0)).pairs)).toEqual({ tested: 0, expected: 0 });
  });
});

describe('parseQuantity', () => {
  const runs = seeds([0.9]);
  test.each([
    [undefined, 'final', 'test_accuracy'],
    ['test_loss', 'final', 'test_loss'],
    ['final.test_loss', 'final', 'test_loss'],
    ['best.test_accuracy', 'best', 'test_accuracy'],
  ])('%s', (text, row, column) => {
    expect(parseQuantity(text, runs)).toEqual({ row, column });
  });
  test('loss where there is no accuracy', () => {
    const [one] = runs;
    const final = { ...one.summary.final, test_accuracy: undefined };
    expect(parseQuantity(undefined, [{ ...one, summary: { ...one.summary, final } }]).column).toBe(
      'test_loss',
    );
  });
  test('what is no column is refused', () => {
    expect(() => parseQuantity('acuracy', runs)).toThrow(/^unknown y: acuracy/);
  });
});
