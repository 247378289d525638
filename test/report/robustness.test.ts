import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderSvg } from '../../src/report/render.js';
import { describeRobustness } from '../../src/report/robustness.js';

const read = (name: string) => readFileSync(`results/table-1/${name}`, 'utf8');

test('results/table-1: the figure is that of its numbers, and no bound is exceeded', async () => {
  const summary = read('figure.summary.csv');
  const rows = summary
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const rules = [...new Set(rows.map(([rule]) => rule))];
  const curves = rules.map((label) => ({
    label,
    points: rows
      .filter(([rule]) => rule === label)
      .map(([, lambda, found, bound]) => ({
        lambda: Number(lambda),
        found: Number(found),
        bound: Number(bound),
      })),
  }));
  expect(rules).toEqual(['ω-CWMed', 'ω-GM', 'ω-CWMed + ω-CTMA', 'ω-GM + ω-CTMA']);
  for (const { points } of curves) {
    expect(points).toHaveLength(10);
    for (const { found, bound } of points) expect(found).toBeLessThanOrEqual(bound * (1 + 1e-6));
  }
  const drawn = describeRobustness(curves);
  expect(drawn.summary).toBe(summary);
  expect(await renderSvg(drawn.spec)).toBe(read('figure.svg'));
});
