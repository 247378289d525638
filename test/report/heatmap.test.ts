import { wcagContrast } from 'culori';
import { expect, test } from 'vitest';
import { describeFigure } from '../../src/report/figure.js';
import { renderSvg } from '../../src/report/render.js';
import { run } from '../support/study.js';
import { labels } from '../support/labels.js';

const matches = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map(([, text]) => text);

test('numbers can be read on cells of any colour', async () => {
  const runs = Array.from({ length: 41 }, (_, k) =>
    run({ attack: `attack-${k}`, accuracies: [0.2 + 0.02 * k] }),
  );
  const svg = await renderSvg(describeFigure(runs, { kind: 'heatmap' }, labels).spec);
  const cells = matches(svg, /aria-label="[^"]*attack-[^>]*fill="(rgb[^"]*)"/g);
  const numbers = matches(svg, /<text [^>]*fill="(\w+)"[^>]*>[\d.]+<\/text>/g);
  expect(cells).toHaveLength(41);
  for (const [k, cell] of cells.entries()) expect(wcagContrast(numbers[k], cell), cell).toBeGreaterThan(4.5);
});

test('columns are in order, and there, where cells are missing', async () => {
  const runs = [
    run({ attack: 'empire', accuracies: [NaN] }),
    run({ attack: 'little' }),
    run({ attack: 'mimic' }),
  ];
  const svg = await renderSvg(describeFigure(runs, { kind: 'heatmap' }, labels).spec);
  expect(svg).toContain('aria-label="Columns: empire; little; mimic; worst case."');
  const titles = matches(svg, />(empire|little|mimic|worst case)<\/text>/g);
  expect(titles).toEqual(['empire', 'little', 'mimic', 'worst case']);
});
