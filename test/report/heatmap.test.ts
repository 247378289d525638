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

test('a mean has its deviation below it; one seed has none', async () => {
  const runs = [0.9, 0.94].map((accuracy, k) => run({ seed: k + 1, accuracies: [accuracy] }));
  const figure = describeFigure([...runs, run({ attack: 'little' })], { kind: 'heatmap' }, labels);
  const svg = await renderSvg(figure.spec);
  expect(svg).toContain('aria-label="CWMed, sign-flip: 92 ± 2.8."');
  expect(matches(svg, /<text [^>]*>([\d.±][\d. ]*)<\/text>/g)).toEqual(['90.0', '90.0', '92.0', '± 2.8']);
});

test('the time to a target, and that some seeds, or all, never reach it', async () => {
  const seeds = (attack: string, curves: number[][]) =>
    curves.map((accuracies, k) => run({ attack, seed: k + 1, accuracies }));
  const runs = [
    ...seeds('empire', [
      [0.5, 0.9, 0.95],
      [0.5, 0.96, 0.9],
    ]),
    ...seeds('little', [
      [0.5, 0.9, 0.95],
      [0.5, 0.6, 0.7],
    ]),
    ...seeds('mimic', [
      [0.5, 0.6, 0.7],
      [0.5, 0.6, 0.7],
    ]),
  ];
  const choices = { kind: 'heatmap', y: 'updates to test_accuracy 0.95' };
  const { spec, summary } = describeFigure(runs, choices, labels);
  const svg = await renderSvg(spec);
  expect(svg).toContain('updates to 95 % test accuracy');
  for (const words of ['empire: 25 ± 7.1.', 'little: 1 of 2 never.', 'mimic: never.', 'worst case: never.'])
    expect(svg).toContain(`aria-label="CWMed, ${words}"`);
  expect(summary).toBe(
    'column,series,updates_to_test_accuracy_0.95_mean,updates_to_test_accuracy_0.95_deviation,seeds,attack,never\n' +
      `empire,CWMed,25,${Math.sqrt(50)},2,empire,0\n` +
      'little,CWMed,,,2,little,1\nmimic,CWMed,,,2,mimic,2\nworst case,CWMed,,,2,mimic,2\n',
  );
  expect(() => describeFigure(runs, { ...choices, y: 'time to test_accuracy 90' }, labels)).toThrow(
    'invalid quantity: "time to test_accuracy 90" (test_accuracy is a fraction: expected 0 to 1, such as 0.95)',
  );
  expect(() => describeFigure(runs, { ...choices, y: 'time to train_los 1' }, labels)).toThrow(
    /unknown column/,
  );
});

test('a target that no seed of any cell reaches', async () => {
  const runs = ['empire', 'little'].map((attack) => run({ attack, accuracies: [0.5] }));
  const choices = { kind: 'heatmap', y: 'updates to test_accuracy 0.95' };
  for (const limits of [{}, { ymin: '1' }]) {
    const svg = await renderSvg(describeFigure(runs, { ...choices, ...limits }, labels).spec);
    expect(matches(svg, />(never)<\/text>/g)).toHaveLength(3);
  }
});
