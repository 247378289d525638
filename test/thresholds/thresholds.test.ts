import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify } from '../../src/config/identity.js';
import { loadConfig } from '../../src/sweep/load.js';
import { ConfigError } from '../../src/config/problems.js';
import { resolvedYaml } from '../../src/config/resolved-yaml.js';
import { writeQuantity } from '../../src/thresholds/quantity.js';
import { parseThresholds } from '../../src/thresholds/thresholds.js';
import { columns } from '../support/labels.js';
import { builtins } from '../../src/simulation/catalogue.js';

const experiment = 'dataset: mnist\nworkers: 9\naggregator: cwmed\noptimizer: sgd\nupdates: 100\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-thresholds-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function load(thresholds: string, overrides: string[] = []) {
  const file = join(folder, 'x.yaml');
  writeFileSync(file, experiment + thresholds);
  return (await loadConfig(file, overrides, builtins)).config;
}

/** `line:column: message` of each problem. */
async function problems(thresholds: string): Promise<string[]> {
  try {
    await load(thresholds);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) =>
      'line' in problem ? `${problem.line}:${problem.column}: ${problem.message}` : problem.message,
    );
  }
  return [];
}

describe('parseThresholds', () => {
  test('the plain form: all cells, a test each', () => {
    const { thresholds, issues } = parseThresholds(
      {
        'final.test_accuracy': ['mean >= 0.95', 'std<=.01'],
        'best.test_loss': 'max < 1e-2',
      },
      columns,
    );
    expect(issues).toEqual([]);
    expect(thresholds).toEqual([
      {
        where: {},
        quantity: { row: 'final', column: 'test_accuracy' },
        better: 'greater',
        test: { statistic: 'mean', comparison: '>=', bound: 0.95 },
        text: 'mean >= 0.95',
      },
      {
        where: {},
        quantity: { row: 'final', column: 'test_accuracy' },
        better: 'greater',
        test: { statistic: 'std', comparison: '<=', bound: 0.01 },
        text: 'std <= 0.01',
      },
      {
        where: {},
        quantity: { row: 'best', column: 'test_loss' },
        better: 'smaller',
        test: { statistic: 'max', comparison: '<', bound: 0.01 },
        text: 'max < 0.01',
      },
    ]);
  });

  test('when a run first reaches a target, in time, updates or epochs', () => {
    const { thresholds, issues } = parseThresholds(
      {
        'time to test_accuracy 0.95': 'mean <= 300',
        'updates  to test_loss 1e-1': ['max < 500'],
        'epochs to test_accuracy .5': 'min < 1',
      },
      columns,
    );
    expect(issues).toEqual([]);
    const target = { column: 'test_accuracy', value: 0.95, better: 'greater' };
    expect(thresholds.map(({ quantity, better }) => ({ ...quantity, best: better }))).toEqual([
      { row: 'first', column: 'time', target, best: 'smaller' },
      {
        row: 'first',
        column: 'update',
        target: { column: 'test_loss', value: 0.1, better: 'smaller' },
        best: 'smaller',
      },
      { row: 'first', column: 'epoch', target: { ...target, value: 0.5 }, best: 'smaller' },
    ]);
    expect(thresholds.map(({ quantity }) => writeQuantity(quantity))).toEqual([
      'time to test_accuracy 0.95',
      'updates to test_loss 0.1',
      'epochs to test_accuracy 0.5',
    ]);
  });

  test.each([
    'time to test_accuracy',
    'time to test_accuracy 95%',
    'time to test_acuracy 0.95',
    'time to staleness_max 3', // of which neither more nor less is better
    'seconds to test_accuracy 0.95',
    'time to test_accuracy NaN',
  ])('refuses the target of %s', (quantity) => {
    const { issues } = parseThresholds({ [quantity]: 'mean <= 300' }, columns);
    expect(issues).toHaveLength(1);
    expect(issues[0].message).toMatch(
      /^unknown quantity: .* \(expected updates, time or epochs to one of train_loss, test_loss, test_accuracy, test_accuracy_worst, drift, drift_before or drift_after and a number/,
    );
  });

  test.each([
    [
      { 'time to test_accuracy 90': 'mean <= 300' },
      'invalid quantity: "time to test_accuracy 90" (test_accuracy is',
    ],
    [
      { 'updates to test_accuracy_worst -1': 'mean <= 300' },
      '(test_accuracy_worst is a fraction: expected 0 to 1',
    ],
    [
      { 'final.test_accuracy': 'mean >= 95' },
      'invalid threshold: "mean >= 95" (test_accuracy is a fraction: 0.95 is',
    ],
    [
      { against: { weighted: false }, 'best.test_accuracy': 'not worse by 5' },
      'invalid threshold: "not worse by 5" (test_accuracy is a fraction',
    ],
  ])('refuses percent where fractions are meant: %j', (thresholds, message) => {
    const { issues } = parseThresholds(thresholds, columns);
    expect(issues).toHaveLength(1);
    expect(issues[0].message).toContain(message);
  });

  test('a list with where and against', () => {
    const { thresholds, issues } = parseThresholds(
      [
        { where: { attack: 'sign-flip' }, 'final.test_accuracy': ['min > -1'] },
        {
          where: { weighted: true },
          against: { weighted: false },
          'final.test_accuracy': ['not  worse', ' not worse  by  5e-3', 'difference >= 0.02', 'mean >= 0.9'],
        },
      ],
      columns,
    );
    expect(issues).toEqual([]);
    expect(thresholds.map(({ where, against, text }) => [where, against, text])).toEqual([
      [{ attack: 'sign-flip' }, undefined, 'min > -1'],
      [{ weighted: true }, { weighted: false }, 'not worse'],
      [{ weighted: true }, { weighted: false }, 'not worse by 0.005'],
      [{ weighted: true }, { weighted: false }, 'difference >= 0.02'],
      [{ weighted: true }, { weighted: false }, 'mean >= 0.9'],
    ]);
  });
});

describe('thresholds in a config', () => {
  test('do not bear on the identity', async () => {
    const plain = await identify(await load(''));
    expect(await identify(await load("thresholds: { final.test_accuracy: ['mean >= 0.95'] }\n"))).toEqual(
      plain,
    );
  });

  test('are kept in the resolved config, which resolves to the same again', async () => {
    const config = await load(`thresholds:
  - where: { attack: sign-flip, aggregator.meta: [ctma] }
    against: { aggregator.meta: [] }
    final.test_accuracy: [better]
    best.test_loss: 'mean <= 0.1'
`);
    expect(config.thresholds).toEqual([
      {
        where: { attack: 'sign-flip', 'aggregator.meta': ['ctma'] },
        against: { 'aggregator.meta': [] },
        'final.test_accuracy': ['better'],
        'best.test_loss': ['mean <= 0.1'],
      },
    ]);
    const again = join(folder, 'again.yaml');
    writeFileSync(again, resolvedYaml(config));
    expect((await loadConfig(again, [], builtins)).config).toEqual(config);
  });

  test('none, or an empty list, is no key of the resolved config', async () => {
    for (const none of ['', 'thresholds:\n', 'thresholds: []\n'])
      expect(await load(none)).not.toHaveProperty('thresholds');
    const cleared = await load("thresholds: { final.test_accuracy: ['mean >= 2'] }\n", ['thresholds=null']);
    expect(cleared).not.toHaveProperty('thresholds');
  });

  test('can be given on the command line', async () => {
    const { thresholds } = await load('', ["thresholds={final.test_loss: ['mean <= 0.3']}"]);
    expect(thresholds).toEqual([{ 'final.test_loss': ['mean <= 0.3'] }]);
  });

  test.each([
    [
      "final.test_acuracy: ['mean >= 0.95']",
      '7:3: unknown quantity: final.test_acuracy (did you mean final.test_accuracy?)',
    ],
    [
      'middle.x: [better]',
      '7:3: unknown quantity: middle.x (expected final. or best. and one of update, time, epoch, train_loss, ' +
        'test_loss, test_accuracy, byzantine_share, staleness_mean, staleness_max, honest_accepted, honest_refused, ' +
        'byzantine_accepted, byzantine_refused, test_accuracy_worst, drift, drift_before, drift_after, messages, bytes, or time to test_accuracy 0.95)',
    ],
    [
      "wehre: { attack: none }\n  final.test_loss: ['mean < 1']",
      '7:3: unknown quantity: wehre (did you mean where?)',
    ],
    [
      "final.test_loss: ['mean < 1', 'mean > ']",
      `7:33: invalid threshold: "mean > " (expected a number behind >, such as 0.95)`,
    ],
    [
      'final.test_accuracy: []',
      "7:24: missing test: final.test_accuracy is held to nothing (write one, such as 'mean >= 0.95', or leave it out)",
    ],
    [
      "final.test_loss: ['mean >= 95 %']",
      '7:21: invalid threshold: "mean >= 95 %" (expected a number behind >=, such as 0.95)',
    ],
    [
      "final.test_loss: ['mean >= 0x1']",
      '7:21: invalid threshold: "mean >= 0x1" (expected a number behind >=, such as 0.95)',
    ],
    ["final.test_loss: ['maen > 1']", '7:21: unknown statistic: maen (did you mean mean?)'],
    ["final.test_loss: ['deviation < 1']", '7:21: unknown statistic: deviation (did you mean std?)'],
    [
      "final.test_loss: ['p95 < 1']",
      '7:21: unknown statistic: p95 (expected mean, std, min, max or difference)',
    ],
    ["final.test_loss: ['mean == 1']", '7:21: unknown comparison: == (expected >=, <=, > or <)'],
    ['final.test_loss: 0.95', "7:20: invalid threshold: 0.95 (expected a test such as 'mean >= 0.95')"],
    [
      'against: { weighted: false }\n  final.test_loss: [beter]',
      "8:21: unknown threshold: beter (did you mean 'better'?)",
    ],
    [
      'final.test_loss: [good]',
      "7:21: unknown threshold: good (expected a test such as 'mean >= 0.95', or better, not worse, not better or worse, or 'not worse by 0.005')",
    ],
    [
      'against: { weighted: false }\n  final.test_loss: [not wrose by 0.01]',
      `8:21: unknown threshold: "not wrose by 0.01" (did you mean 'not worse by 0.01'?)`,
    ],
    ...['0', '-0.01', '0.5 %', '0x1', '1e999', ''].map((by) => [
      `against: { weighted: false }\n  final.test_loss: ['not worse by ${by}']`,
      `8:21: invalid threshold: "not worse by ${by}" (expected a number above 0 behind by, such as 0.005)`,
    ]),
    [
      "final.test_loss: ['not worse by 0.01']",
      '7:21: invalid threshold: "not worse by 0.01" (it compares: say with what, such as against: {aggregator.weighted: false})',
    ],
    [
      'final.test_loss: [better]',
      '7:21: invalid threshold: better (it compares: say with what, such as against: {aggregator.weighted: false})',
    ],
    [
      "final.test_loss: ['difference > 0']",
      '7:21: invalid threshold: "difference > 0" (it compares: say with what, such as against: {aggregator.weighted: false})',
    ],
    [
      'against: { weighted: false }\n  final.time: [better]',
      '8:16: invalid threshold: better (neither more nor less time is better; test the difference)',
    ],
    [
      "where: sign-flip\n  final.test_loss: ['mean < 1']",
      '7:10: invalid where: sign-flip (expected keys and their values, such as {attack: sign-flip})',
    ],
    [
      'where: { attack: sign-flip }',
      "7:3: missing quantity: say what must hold, final.test_accuracy: ['mean >= 0.95']",
    ],
  ])('%s', async (thresholds, problem) => {
    expect(await problems(`thresholds:\n  ${thresholds}\n`)).toEqual([problem]);
  });

  test('all problems at once, in a list too', async () => {
    expect(
      await problems(
        "thresholds:\n  - 3\n  - final.tset_loss: ['mean < 1']\n    best.test_loss: ['avg < 1']\n",
      ),
    ).toEqual([
      "7:5: invalid thresholds: 3 (expected a mapping such as {final.test_accuracy: ['mean >= 0.95']})",
      '8:5: unknown quantity: final.tset_loss (did you mean final.test_loss?)',
      '9:22: unknown statistic: avg (did you mean mean?)',
    ]);
  });
});
