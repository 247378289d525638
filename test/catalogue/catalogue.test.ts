import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { axesOf } from '../../src/config/axes.js';
import { configJsonSchema } from '../../src/config/json-schema.js';
import { lists, type Section } from '../../src/config/lists.js';
import { writtenConfig } from '../../src/config/resolved-yaml.js';
import { describeFigure } from '../../src/report/figure.js';
import { columnsOf } from '../../src/simulation/mode.js';
import { Labels } from '../../src/study/labels.js';
import { loadConfig } from '../../src/sweep/load.js';
import { collect, withExperiment } from '../support/run-config.js';
import { run } from '../support/study.js';
import { extended } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'byzsim-catalogue-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One of everything that does not come with byzsim. */
const raw = {
  dataset: 'spiral',
  model: 'absolute',
  mode: 'taking-turns',
  pause: 2,
  workers: 5,
  arrival: { process: 'metronome', swing: 0.25 },
  byzantine: { count: 1, attack: { attack: 'doubling', most: 8 } },
  aggregator: { rule: 'norm-filter', meta: ['alternating'] },
  optimizer: 'half-sgd',
  updates: 12,
  evaluate: { every: 4 },
};
const file = join(folder, 'own.yaml');
writeFileSync(file, stringify(raw));
const names = {
  datasets: 'spiral',
  models: 'absolute',
  splits: 'round-robin',
  modes: 'taking-turns',
  arrivals: 'metronome',
  attacks: 'doubling',
  aggregators: 'norm-filter',
  optimizers: 'half-sgd',
} as const;

describe('a catalogue with one of every kind from elsewhere', () => {
  test('is what configs may name', async () => {
    const { config, given } = await loadConfig(file, [], extended);
    expect(config).toMatchObject({
      dataset: { name: 'spiral' },
      model: { name: 'absolute' },
      mode: 'taking-turns',
      pause: 2,
      arrival: { process: 'metronome', swing: 0.25, speed: 'uniform' },
      byzantine: { attack: { attack: 'doubling', most: 8 } },
      aggregator: { rule: 'norm-filter', f: 1, weighted: false, meta: [{ rule: 'alternating' }] },
      optimizer: { name: 'half-sgd', learningRate: 0.01 },
      batchSize: 2,
    });
    expect(given).toContain('arrival.swing');
    await expect(loadConfig(file, ['optimizer=lazy-sgd'], extended)).rejects.toThrow(
      'did you mean half-sgd?',
    );
  });

  test('is what configs may split data by', async () => {
    const words = ['dataset=digits', 'model=logistic', 'split={round-robin: 2}'];
    expect((await loadConfig(file, words, extended)).config.split).toEqual({ 'round-robin': 2 });
  });

  test('runs', async () => {
    const rows = await withExperiment(file, ({ rows }) => collect(rows()), { catalogue: extended });
    expect(rows.map(({ values }) => [values.update, values.time, values.turns])).toEqual([
      [4, 8, 4],
      [8, 16, 8],
      [12, 24, 12],
    ]);
    for (const { values } of rows) expect(values.test_loss).toBeGreaterThan(0);
  });

  test.each(Object.entries(names))('is what byzsim list %s shows: %s', (word, name) => {
    const sections: Section[] = lists[word as keyof typeof names](extended);
    expect(sections.flatMap(({ entries }) => entries.map((entry) => entry.name))).toContain(name);
  });

  test('is what the schema of configs knows', () => {
    const schema = JSON.stringify(configJsonSchema(extended));
    for (const name of [...Object.values(names), 'alternating', 'pause', 'final.turns'])
      expect(schema).toContain(`"${name}"`);
  });

  test('is written in figures as it wants to be', async () => {
    const labels = new Labels(extended);
    const { config } = await loadConfig(file, [], extended);
    const own = (rule: string, workers: number) => {
      const axes = axesOf(
        { ...writtenConfig(config), workers, aggregator: { ...config.aggregator, rule } },
        rule,
      );
      return { ...run({ rule, workers, hash: `${rule} ${workers}` }), axes };
    };
    const { summary } = describeFigure([own('norm-filter', 5), own('mean', 5)], {}, labels);
    expect(summary).toContain('Norm filter');
    expect(labels.value('optimizer.name', 'half-sgd')).toBe('Half SGD');
    expect(labels.value('aggregator.meta', 'alternating')).toBe('Alternating');
    expect(columnsOf([extended.modes.get('taking-turns')!]).at(-1)).toEqual({
      name: 'turns',
      title: 'turns taken',
    });
    expect(labels.column('turns').title).toBe('turns taken');
  });
});
