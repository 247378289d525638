import { describe, expect, test } from 'vitest';
import { describeFigure } from '../../src/report/figure.js';
import { renderSvg } from '../../src/report/render.js';
import { createReport } from '../../src/report/report.js';
import { sizeOf } from '../../src/report/svg.js';
import type { StudyRun } from '../../src/study/study-run.js';
import { labels } from '../support/labels.js';
import { run, type RunOptions } from '../support/study.js';

/** A run whose data were split; four of its workers are Byzantine. */
function splitRun(
  path: string,
  value: string | number,
  counts: number[][],
  options: RunOptions = {},
): StudyRun {
  const base = run({ workers: counts.length, hash: `${path} ${value}`, ...options });
  const shards = counts.map((labels) => ({ inputs: labels.reduce((a, b) => a + b), labels }));
  const split = path === 'split' ? value : `{${path.replace('split.', '')}: ${value}}`;
  const axes = new Map([...base.axes, ['split', split] as const, [path, value] as const]);
  return { ...base, axes, meta: { ...base.meta, shards } };
}

const counts = [
  [30, 0, 1],
  [0, 20, 2],
  [5, 5, 3],
  [1, 0, 4],
  [0, 0, 5],
];
const figure = (runs: StudyRun[], choices = {}) =>
  describeFigure(runs, { kind: 'shards', ...choices }, labels);
const cells = (csv: string) =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
const bars = (svg: string) =>
  [...svg.matchAll(/<path [^>]*d="M[^"]*"[^>]*fill="(#[0-9A-F]{6})"/g)].map(([, fill]) => fill);

test('the summary has every count, and who is Byzantine', () => {
  const { summary } = figure([splitRun('split.dirichlet', 0.1, counts)]);
  expect(summary.split('\n')[0]).toBe('facet,worker,byzantine,label,inputs');
  const rows = cells(summary);
  expect(rows).toHaveLength(15);
  expect(rows[0]).toEqual(['Dirichlet α = 0.1', '1', 'false', '0', '30']);
  expect(rows.at(-1)).toEqual(['Dirichlet α = 0.1', '5', 'true', '2', '5']);
});

test('there is a piece of a bar for every label that a worker has, in the order of labels', async () => {
  const svg = await renderSvg(figure([splitRun('split', 'extreme', counts)]).spec);
  const [first, second, third] = ['#332288', '#88CCEE', '#117733'];
  const legend = [first, second, third];
  expect(bars(svg)).toEqual([
    ...[first, third],
    ...[second, third],
    ...[first, second, third],
    ...[first, third],
    third,
    ...legend,
  ]);
  expect(svg).toContain('>Byzantine</text>');
  expect(svg).toContain('>extreme</text>');
});

test('a split has a panel; other seeds and what has no bearing on it have none, and a note says whose it is', () => {
  const others = counts.map((labels) => labels.toReversed());
  const { summary, notes } = figure([
    splitRun('split.dirichlet', 10, counts, { seed: 2 }),
    splitRun('split.dirichlet', 10, others, { seed: 1 }),
    splitRun('split.dirichlet', 10, others, { seed: 1, rule: 'krum' }),
    splitRun('split.dirichlet', 0.5, counts, { seed: 1 }),
    run(),
  ]);
  const rows = cells(summary);
  expect([...new Set(rows.map(([facet]) => facet))]).toEqual(['Dirichlet α = 0.5', 'Dirichlet α = 10']);
  expect(rows).toHaveLength(30);
  expect(rows[15].at(-1)).toBe('1');
  expect(notes).toEqual(['data are split anew for every seed; this is seed 1']);
});

test('figures of many workers are as wide as the page of a paper', async () => {
  const many = Array.from({ length: 100 }, (_, k) => [k, 100 - k]);
  const narrow = sizeOf(await renderSvg(figure([splitRun('split.gamma', 0.5, counts)]).spec));
  const wide = sizeOf(await renderSvg(figure([splitRun('split.gamma', 0.5, many)]).spec));
  expect(narrow.width).toBeLessThanOrEqual(302);
  expect(wide.width).toBeGreaterThan(500);
  expect(wide.width).toBeLessThanOrEqual(604);
});

test('labels have the names that the data give them, long ones cut short', async () => {
  const base = splitRun('split', 'extreme', counts);
  const long = 'a name too long for any legend to have';
  const { spec, summary } = figure([{ ...base, meta: { ...base.meta, classes: ['wren', '7', long] } }]);
  expect(new Set(cells(summary).map(([, , , label]) => label))).toEqual(new Set(['wren', '7', long]));
  const texts = [...(await renderSvg(spec)).matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts.slice(-4)).toEqual(['wren', '7', 'a name too long for any…', 'label']);
});

describe('what cannot be drawn is said', () => {
  test('no split', () => {
    expect(() => figure([run()])).toThrow(/^missing shards: these runs do not split their training data/);
  });

  test('choices', () => {
    expect(() => figure([splitRun('split', 'extreme', counts)], { y: 'test_loss' })).toThrow(
      'invalid y: kind=shards has no choices (it shows inputs by worker and label)',
    );
  });
});

test('a report shows shards where there are some', async () => {
  const study = (runs: StudyRun[]) => ({
    runs,
    notes: [],
    unfinished: [],
    damaged: [],
    conflicts: [],
    missing: [],
  });
  const page = await createReport(study([splitRun('split', 'extreme', counts)]), { labels });
  expect(page).toContain('<figcaption>Training inputs of each worker by label.</figcaption>');
  expect(await createReport(study([run()]), { labels })).not.toContain('Training inputs of each worker');
});
