import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cellsOf, valuesOf } from '../../src/check/cells.js';
import { spread } from '../../src/base/statistics/spread.js';
import { readStudy } from '../../src/study/study.js';
import { readPage } from './examples.js';
import { labels } from '../support/labels.js';

const folder = fileURLToPath(new URL('../../results/paper/', import.meta.url));
const percent = (value: number) => (100 * value).toFixed(2);

/** Final accuracies of all cells of all studies, as tables write them: 98.18 ± 0.05. */
const measured = readdirSync(folder).flatMap((name) =>
  cellsOf(readStudy([`${folder}${name}`]).runs, labels).map((cell) => {
    const { mean, deviation } = spread(valuesOf(cell, { row: 'final', column: 'test_accuracy' }));
    return `${percent(mean)} ± ${percent(deviation ?? NaN)}`;
  }),
);

describe.each(['README.md', 'docs/paper.md', 'docs/field.md'])('accuracies in %s', (page) => {
  const shown = [...readPage(page).matchAll(/\d\d\.\d\d ± \d+\.\d\d/g)].map(([text]) => text);

  test('are those of results/paper', () => {
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((text) => !measured.includes(text))).toEqual([]);
  });
});
