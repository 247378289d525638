import { describe, expect, test, vi } from 'vitest';
import type { FigureChoices } from '../../src/report/choices.js';
import { describeFigure } from '../../src/report/figure.js';
import { renderPdf, renderSvg } from '../../src/report/render.js';
import type { StudyRun } from '../../src/study/study-run.js';
import { run, type RunOptions } from '../support/study.js';
import { labels } from '../support/labels.js';

const attacks = ['empire', 'little'];

/** Runs with losses only. */
const losses = (values: number[], options: RunOptions = {}) => {
  const one = run({ ...options, accuracies: values });
  const rows = one.rows.map((row, k) => ({ ...row, test_accuracy: undefined, test_loss: values[k] }));
  return { ...one, rows };
};

const seeds = (count: number, options: RunOptions, curves: number[][]) =>
  Array.from({ length: count }, (_, k) =>
    run({ ...options, seed: k + 1, accuracies: curves[k % curves.length] }),
  );

const figures: { name: string; runs: StudyRun[]; choices?: FigureChoices }[] = [
  { name: 'one seed', runs: attacks.flatMap((attack) => seeds(1, { attack }, [[0.2, 0.5, 0.9]])) },
  {
    name: 'many seeds',
    runs: seeds(5, {}, [
      [0.2, 0.5, 0.9],
      [0.3, 0.6, 0.7],
    ]),
  },
  {
    name: 'seeds here, one seed there',
    runs: [
      ...seeds(3, {}, [
        [0.2, 0.9],
        [0.4, 0.8],
      ]),
      run({ rule: 'krum' }),
    ],
  },
  {
    name: 'seeds that diverged',
    runs: seeds(3, {}, [
      [0.2, 0.5, 0.6, 0.7],
      [0.3, 0.4],
      [0.1, NaN],
    ]),
  },
  {
    name: 'gaps',
    runs: seeds(2, {}, [
      [0.2, NaN, 0.6, NaN, 0.7, 0.8],
      [NaN, NaN, 0.5, NaN, 0.6, Infinity],
    ]),
  },
  {
    name: 'one evaluation',
    runs: [...seeds(2, {}, [[0.2], [0.3]]), run({ weighted: false, accuracies: [0.4] })],
  },
  { name: 'an empty panel', runs: [run({ attack: 'empire' }), run({ attack: 'little', accuracies: [NaN] })] },
  { name: 'a figure of one panel and one line', runs: [run()] },
  { name: 'losses', runs: [losses([2, 1, 0.5]), losses([2, 1.5, 0.9], { rule: 'krum' })] },
  { name: 'losses over decades', runs: [losses([2, 0.1, 0.01]), losses([2, 1e9, 1e30], { seed: 2 })] },
  {
    name: 'losses that overflow',
    runs: [losses([2, 1e200, 1e308]), losses([2, 3e200, -1e308], { seed: 2 })],
  },
  { name: 'tiny losses', runs: [losses([5e-324, 1e-320, 1e-310]), losses([0, 0, 0], { rule: 'krum' })] },
  {
    name: 'limits',
    runs: seeds(2, {}, [
      [0.2, 0.5, 0.9],
      [0.3, 0.6, 0.7],
    ]),
    choices: { ymin: '45', ymax: '75' },
  },
  { name: 'heatmap', runs: attacks.map((attack) => run({ attack })), choices: { kind: 'heatmap' } },
  {
    name: 'heatmap with holes',
    runs: [
      run({ attack: 'empire' }),
      run({ attack: 'little', rule: 'krum' }),
      run({ attack: 'sign-flip', accuracies: [NaN] }),
    ],
    choices: { kind: 'heatmap' },
  },
  {
    name: 'heatmap of equal losses',
    runs: attacks.map((attack) => losses([0], { attack })),
    choices: { kind: 'heatmap' },
  },
  {
    name: 'heatmap of huge losses',
    runs: attacks.map((attack, k) => losses([k ? 1e300 : -1e308], { attack })),
    choices: { kind: 'heatmap' },
  },
  {
    name: 'heatmap with limits',
    runs: attacks.map((attack) => run({ attack })),
    choices: { kind: 'heatmap', ymin: '50' },
  },
];

describe.each(figures)('$name', ({ runs, choices = {} }) => {
  test('says nothing that is no number, and nothing on the console', async () => {
    const complaints = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
    const { spec } = describeFigure(runs, choices, labels);
    const svg = await renderSvg(spec);
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity|\[object/);
    for (const path of svg.match(/<path [^>]*role="graphics-symbol"[^>]*>/g) ?? [])
      expect(path).toMatch(/ d="M[^"]+"/);
    await renderPdf(spec);
    for (const complaint of complaints) expect(complaint).not.toHaveBeenCalled();
  });

  test('whatever has a label has a sentence', async () => {
    const svg = await renderSvg(describeFigure(runs, choices, labels).spec);
    const spoken = [...svg.matchAll(/aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(spoken.length).toBeGreaterThan(2);
    for (const label of spoken) expect(label).toMatch(/^[^:]+: .*\.$|^Title text '.*'$/);
  });
});

test('bands are where deviations are', async () => {
  const areas = async (runs: StudyRun[]) =>
    (
      (await renderSvg(describeFigure(runs, {}, labels).spec)).match(
        /aria-roledescription="area mark"|mark-area role-mark/g,
      ) ?? []
    ).length;
  expect(await areas(figures[0].runs)).toBe(0);
  expect(await areas(figures[1].runs)).toBe(1);
  expect(await areas(figures[2].runs)).toBe(1);
});
