import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { comparators, parseThresholds, statistics, verdicts } from '../../src/thresholds/thresholds.js';
import { loadSweep } from '../../src/sweep/load.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { columns } from '../support/labels.js';

const file = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;
const page = readFileSync(file('docs/checks.md'), 'utf8');

describe('docs/checks.md', () => {
  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, example]) => example);
  test.each(examples)('shows thresholds that are legal: %s', (example) => {
    const { thresholds, issues } = parseThresholds(
      (parse(example) as { thresholds: unknown }).thresholds,
      columns,
    );
    expect(issues).toEqual([]);
    expect(thresholds.length).toBeGreaterThan(0);
  });

  test.each([...statistics, ...comparators, ...verdicts])('tells of %s', (word) => {
    expect(page).toMatch(new RegExp(`\`${word}[ \`]|\`${word}\``));
  });
});

test('the study for CI plans what its page says', async () => {
  const { runs } = await loadSweep(file('configs/ci/accuracy.yaml'), [], builtins, { out: 'results' });
  expect(runs).toHaveLength(6);
  expect(parseThresholds(runs[0].config.thresholds, columns).thresholds).toHaveLength(4);
});
