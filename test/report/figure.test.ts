import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../src/report/font.js';
import type { FigureChoices } from '../../src/report/choices.js';
import { describeFigure } from '../../src/report/figure.js';
import { renderPdf, renderPng, renderSvg } from '../../src/report/render.js';
import { sizeOf } from '../../src/report/svg.js';
import { readStudy } from '../../src/study/study.js';
import type { StudyRun } from '../../src/study/study-run.js';
import { decodePng, decodePpm, type Picture } from './pictures.js';
import { eyes, nearestPair } from '../support/colour-vision.js';
import { run } from '../support/study.js';
import { labels } from '../support/labels.js';

/** Saturating curves; whatever is not weighted learns slower, and less steadily. */
function learning(seed: number, slowness: number): number[] {
  return Array.from({ length: 12 }, (_, k) => {
    const noise = 0.03 * slowness * Math.sin(7 * seed + 3 * k);
    return 1 - 0.8 * Math.exp(-(k + 1) / (2 * slowness)) - 0.02 * slowness + noise;
  });
}

const rulesAgainstAttacks = ['label-flip', 'sign-flip'].flatMap((attack, a) =>
  ['cwmed', 'geometric-median'].flatMap((rule, r) =>
    [true, false].flatMap((weighted) =>
      [1, 2, 3].map((seed) =>
        run({
          rule,
          weighted,
          attack,
          lambda: a === 0 ? 0.3 : 0.4,
          seed,
          accuracies: learning(seed, (weighted ? 1 : 2) + 0.4 * a + 0.3 * r),
        }),
      ),
    ),
  ),
);

const optimizers = [
  { name: 'sgd', learningRate: 0.1 },
  { name: 'momentum', learningRate: 0.1, beta: 0.8 },
  { name: 'momentum', learningRate: 0.1, beta: 0.9 },
  { name: 'mu2-sgd', learningRate: 0.1, form: 'fixed', beta: 0.25, gamma: 0.1 },
].map((optimizer, k) => run({ optimizer, accuracies: learning(1, 1 + k / 3) }));

const lossOverDecades = [0, 1].flatMap((r) =>
  [1, 2].map((seed) =>
    run({
      rule: r === 0 ? 'mean' : 'krum',
      seed,
      rows: Array.from({ length: 8 }, (_, k) => ({
        update: 10 * (k + 1),
        time: (k + 1) * (1 + seed / 50),
        epoch: k / 100,
        train_loss: 1,
        test_loss: 10 ** (r === 0 ? k / 2 : -k / 4) * (1 + seed / 5),
        test_accuracy: undefined,
        byzantine_share: 0.4,
        staleness_mean: 1,
        staleness_max: 1,
      })),
    }),
  ),
);

const lambdas = [0.1, 0.2, 0.3, 0.4].flatMap((lambda) =>
  ['empire', 'sign-flip'].flatMap((attack, a) =>
    ['cwmed', 'krum'].map((rule, r) =>
      run({ lambda, attack, rule, weighted: false, accuracies: [0.98 - 2 * lambda * (a === r ? 1 : 0.2)] }),
    ),
  ),
);

const figures: { name: string; runs: StudyRun[]; choices: FigureChoices }[] = [
  { name: 'curves-by-attack', runs: rulesAgainstAttacks, choices: {} },
  { name: 'curves-by-optimizer', runs: optimizers, choices: { x: 'epoch' } },
  { name: 'curves-logarithmic', runs: lossOverDecades, choices: { x: 'time' } },
  { name: 'heatmap-of-attacks', runs: rulesAgainstAttacks, choices: { kind: 'heatmap' } },
  { name: 'heatmap-of-worst-cases', runs: lambdas, choices: { kind: 'heatmap', x: 'lambda' } },
];

const poppler = spawnSync('pdftoppm', ['-v']).status === 0 && spawnSync('pdftotext', ['-v']).status === 0;
if (!poppler) console.warn('pdftoppm and pdftotext are not here (Debian: poppler-utils): PDFs are not drawn');

describe.each(figures)('$name', ({ name, runs, choices }) => {
  test('is the figure that was looked at', async () => {
    const svg = await renderSvg(describeFigure(runs, choices, labels).spec);
    await expect(svg).toMatchFileSnapshot(`../golden/figures/${name}.svg`);
  });

  test('as PNG it is twice as large, and every line or cell is there in its colour', async () => {
    const svg = await renderSvg(describeFigure(runs, choices, labels).spec);
    const { width, height } = sizeOf(svg);
    const png = decodePng(await renderPng(svg));
    expect([png.width, png.height]).toEqual([2 * width, 2 * height]);
    const drawn = new Set(png.pixels);
    const colours = [...svg.matchAll(/stroke="(#\w{6})" stroke-width="[\d.]+"|fill="(rgb\([\d, ]*\))"/g)];
    expect(colours.length).toBeGreaterThan(1);
    for (const [, stroke, fill] of colours)
      expect(drawn, stroke ?? fill).toContain(colourNumber(stroke ?? fill));
    expect(drawn, 'black text on white').toContain(0xffffff);
    expect(drawn, 'black text on white').toContain(0);
  });

  test('as PDF it is a page of the same size, in vectors and one embedded font, and the same every time', async () => {
    const { spec } = describeFigure(runs, choices, labels);
    const { width, height } = sizeOf(await renderSvg(spec));
    const pdf = await renderPdf(spec);
    const text = pdf.toString('latin1');
    expect(text.startsWith('%PDF-')).toBe(true);
    expect(text).toContain(`/MediaBox [0 0 ${Math.ceil(0.75 * width)} ${Math.ceil(0.75 * height)}]`);
    expect(text.match(/\/FontName \/\w+\+LiberationSans\b/g)).toHaveLength(1);
    expect(text.match(/\/FontFile2 /g)).toHaveLength(1);
    expect(text).toContain('/ToUnicode ');
    expect(text, 'text as outlines').not.toContain('/Type3');
    expect(text).not.toContain('/Subtype /Image');
    expect((await renderPdf(spec)).equals(pdf)).toBe(true);
  });

  test.skipIf(!poppler)('the PDF looks like the PNG, and its text is text', async () => {
    const { spec } = describeFigure(runs, choices, labels);
    const svg = await renderSvg(spec);
    const png = decodePng(await renderPng(svg));
    const pdf = await renderPdf(spec);
    const page = decodePpm(spawnSync('pdftoppm', ['-r', '192', '-'], { input: pdf }).stdout);
    expect(difference(page, png)).toBeLessThan(1 / 4);

    const text = spawnSync('pdftotext', ['-', '-'], { input: pdf, encoding: 'utf8' }).stdout;
    const words = [...svg.matchAll(/>([^<>]*)<\/text>/g)].flatMap(([, line]) => line.split(' '));
    expect(words.length).toBeGreaterThan(10);
    for (const word of words) expect(text).toContain(word);
  });
});

/**
 * The greatest difference of brightness, from 0 to 1, of two pictures in squares of 8 x 8 pixels. A black line that is
 * drawn a pixel apart makes at most 1 / 8, two that cross in a square 1 / 4; a letter that is missing makes more.
 */
function difference(a: Picture, b: Picture): number {
  const brightness = ({ width, pixels }: Picture, left: number, top: number) => {
    let sum = 0;
    for (let y = top; y < top + 8; y++)
      for (let x = left; x < left + 8; x++) {
        const colour = pixels[y * width + x];
        sum += (colour >> 16) + ((colour >> 8) & 255) + (colour & 255);
      }
    return sum / (8 * 8 * 3 * 255);
  };
  let greatest = 0;
  for (let top = 0; top + 8 <= Math.min(a.height, b.height); top += 8)
    for (let left = 0; left + 8 <= Math.min(a.width, b.width); left += 8)
      greatest = Math.max(greatest, Math.abs(brightness(a, left, top) - brightness(b, left, top)));
  return greatest;
}

function colourNumber(colour: string): number {
  if (colour.startsWith('#')) return parseInt(colour.slice(1), 16);
  const [red, green, blue] = colour.match(/\d+/g)!.map(Number);
  return (red << 16) | (green << 8) | blue;
}

describe.each(figures.filter(({ choices }) => choices.kind !== 'heatmap'))(
  'the axes of $name',
  ({ runs, choices }) => {
    test('and all around them are as wide as the column of a paper', async () => {
      const { width } = sizeOf(await renderSvg(describeFigure(runs, choices, labels).spec));
      expect(Math.abs(width - 302)).toBeLessThanOrEqual(4);
    });

    test('have their numbers, ticks and grid where the curves have their values', async () => {
      const svg = await renderSvg(describeFigure(runs, choices, labels).spec);
      const axes = svg.split(/class="mark-group role-axis" role="graphics-symbol"/).slice(1);
      expect(axes.length).toBeGreaterThan(1);
      for (const axis of axes) {
        const horizontal = axis.includes('aria-label="Horizontal');
        const ticks = positions(axis, 'role-axis-tick').map(([x, y]) => (horizontal ? x : y));
        const labels = positions(axis, 'role-axis-label').map(([x, y]) => (horizontal ? x : y));
        expect(ticks.length).toBeGreaterThan(1);
        expect(new Set(labels.map((at, k) => (at - ticks[k]).toFixed(6))).size).toBeLessThanOrEqual(1);
        if (horizontal) expect(labels).toEqual(ticks);
        if (horizontal) expect(axis.match(/text-anchor="(?!middle)/)).toBeNull();
        const [, shift] = /<g transform="translate\((?:[\d.]+,){0,1}([\d.]+)\)">/.exec(axis)!;
        expect(Number(shift) % 1, 'half a pixel away from the curves').toBe(0);
      }
    });
  },
);

function positions(axis: string, role: string): [number, number][] {
  const [, group] = new RegExp(`${role}"[^>]*>(.*?)</g>`).exec(axis) ?? [];
  return [...(group ?? '').matchAll(/translate\(([-\d.]+),([-\d.]+)\)/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
}

test('no two lines of a figure look alike, for any eye', async () => {
  const runs = ['cwmed', 'centered-clipping', 'mean', 'krum', 'multi-krum', 'bulyan'].flatMap((rule) =>
    ['label-flip', 'little'].flatMap((attack) =>
      [[], [{ rule: 'nnm' }]].map((meta) => run({ rule, attack, meta, accuracies: learning(1, 1) })),
    ),
  );
  const svg = await renderSvg(describeFigure(runs, {}, labels).spec);
  const lines = [...svg.matchAll(/aria-label="([^,:"]*)[^"]*"[^>]*aria-roledescription="line mark"[^>]*>/g)];
  const looks = new Map<string, Set<string>>();
  for (const [line, name] of lines) {
    const [, colour] = /stroke="(#\w{6})"/.exec(line)!;
    const [, dash] = /stroke-dasharray="([^"]*)"/.exec(line) ?? [];
    looks.set(name, (looks.get(name) ?? new Set()).add(`${colour} ${dash}`));
  }
  expect(looks.size).toBe(12);
  expect(
    [...looks.values()].map(({ size }) => size),
    'the same in both panels',
  ).toEqual(Array(12).fill(1));
  const all = [...looks.values()].flatMap((look) => [...look]);
  expect(new Set(all).size).toBe(12);
  const colours = [...new Set(all.map((look) => look.slice(0, 7)))];
  for (const [name, eye] of Object.entries(eyes))
    expect(nearestPair(eye, colours).distance, name).toBeGreaterThan(12);
});

test('figures do not depend on figures before them', async () => {
  const spec = describeFigure(rulesAgainstAttacks, { ymin: '60' }, labels).spec;
  const first = await renderSvg(spec);
  expect(first).toContain('clip-path');
  expect(await renderSvg(spec)).toBe(first);
});

test('text in a PNG is drawn in the bundled font, as wide as the layout takes it to be', async () => {
  const text = 'HωλH';
  const png = decodePng(
    await renderPng(
      `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><rect width="200" height="40" fill="white"/>
       <text x="10" y="30" font-family="No Such Font, sans-serif" font-size="20">${text}</text></svg>`,
    ),
  );
  const inked = [...png.pixels.keys()].filter((k) => png.pixels[k] < 0x800000).map((k) => k % png.width);
  const extent = (Math.max(...inked) - Math.min(...inked)) / 2;
  const bearings = 2 * 0.08 * 20; // of an H, on the left and on the right
  expect(extent).toBeGreaterThan(textWidth(text, 20) - bearings - 1.5);
  expect(extent).toBeLessThan(textWidth(text, 20) - bearings + 1.5);
});

test('a figure is the same in whatever order its runs come', () => {
  const seeds = [1, 2, 10].flatMap((seed) =>
    ['cwmed', 'krum'].map((rule) => run({ rule, seed, accuracies: learning(seed, rule === 'krum' ? 2 : 1) })),
  );
  const [one, other] = [seeds, seeds.toReversed()].map((runs) => describeFigure(runs, {}, labels));
  expect(other.summary).toBe(one.summary);
  expect(JSON.stringify(other.spec)).toBe(JSON.stringify(one.spec));
});

describe('the summary', () => {
  test('holds what is drawn, in the units of metrics.csv', () => {
    const runs = [
      run({ rule: 'krum', accuracies: [0.25, 0.5], seed: 1 }),
      run({ rule: 'krum', accuracies: [0.25, 1], seed: 2 }),
      run({ rule: 'mean', accuracies: [0.125], seed: 1 }),
    ];
    expect(describeFigure(runs, {}, labels).summary).toBe(
      [
        'facet,series,update,test_accuracy_mean,test_accuracy_deviation,seeds',
        ',Krum,10,0.25,0,2',
        `,Krum,20,0.75,${Math.sqrt(0.125)},2`,
        ',mean,10,0.125,,1',
        '',
      ].join('\n'),
    );
  });

  test('of a heatmap names the attack that is the worst case', () => {
    const runs = [
      run({ attack: 'empire', accuracies: [0.5] }),
      run({ attack: 'little', accuracies: [0.25] }),
    ];
    expect(describeFigure(runs, { kind: 'heatmap' }, labels).summary).toBe(
      [
        'column,series,test_accuracy_mean,test_accuracy_deviation,seeds,attack',
        'empire,CWMed,0.5,,1,empire',
        'little,CWMed,0.25,,1,little',
        'worst case,CWMed,0.25,,1,little',
        '',
      ].join('\n'),
    );
  });
});

describe('choices', () => {
  const summaryOf = (choices: FigureChoices) => describeFigure(rulesAgainstAttacks, choices, labels).summary;

  test('short words and dotted paths name axes', () => {
    const expected = summaryOf({ facet: 'aggregator.rule', colour: 'byzantine.attack.attack' });
    expect(expected).toContain('\nCWMed,"label-flip');
    expect(summaryOf({ facet: 'rule', colour: 'attack' })).toBe(expected);
    expect(summaryOf({ facet: 'aggregator', colour: 'byzantine.attack' })).toBe(expected);
  });

  test.each([
    [{ kind: 'heatmp' }, 'unknown kind: heatmp (did you mean heatmap?); choose from curves, heatmap'],
    [{ x: 'updates' }, 'unknown x: updates (did you mean update?); choose from update, time, epoch'],
    [{ y: 'test_acuracy' }, 'unknown column: test_acuracy (did you mean test_accuracy?)'],
    [{ y: 'staleness_max' }, 'missing values: column staleness_max is empty in these runs'],
    [{ colour: 'wieghted' }, 'unknown axis: wieghted (did you mean weighted?)'],
    [{ sharey: 'yes' }, 'unknown sharey: yes; choose from true, false'],
    [{ sharey: 'false', ymin: '50' }, 'invalid sharey: false (ymin= and ymax= hold for all panels)'],
    [{ ymin: 'low' }, 'invalid ymin: low (expected a number)'],
    [{ ymin: '99.9' }, 'invalid ymin: 99.9 (expected to show something'],
    [{ kind: 'heatmap', ymax: '-1' }, 'invalid ymax: -1 (expected 0 to 100'],
    [{ kind: 'heatmap', sharey: 'true' }, 'invalid sharey: a heatmap has one panel'],
    [{ facet: 'byzantine.lamda' }, 'unknown axis: byzantine.lamda (did you mean byzantine.lambda?)'],
    [{ kind: 'heatmap', facet: 'rule' }, 'invalid facet: a heatmap has one panel'],
  ])('%j is refused', (choices, message) => {
    expect(() => summaryOf(choices)).toThrow(message);
  });

  test('ymin and ymax are the ends of the y axis, or of the colours of a heatmap', async () => {
    const svgOf = (choices: FigureChoices) =>
      renderSvg(describeFigure(rulesAgainstAttacks, choices, labels).spec);
    const svg = await svgOf({ ymin: '62.5', ymax: '97.5' });
    expect(svg).toContain('Vertical axis: test accuracy (%), marked from 70 to 90.');
    const [, area] = /<g class="mark-rule role-axis-grid"[^>]*>(.*?)<\/g>/.exec(svg)!;
    const heights = [...area.matchAll(/translate\(0,([\d.]+)\)/g)].map(([, y]) => Number(y));
    expect(heights).toEqual([70, 80, 90].map((y) => expect.closeTo((105 * (97.5 - y)) / 35, 9) as number));
    const fills = (text: string) => [...text.matchAll(/fill="(rgb\([^"]*)"/g)].map(([, fill]) => fill);
    const darkest = fills(await svgOf({ kind: 'heatmap', ymax: '97' })).filter(
      (fill) => fill === 'rgb(11, 60, 115)',
    );
    expect(darkest, 'cells of 97 and more').toHaveLength(2);
  });

  test('points that an axis leaves out are told, unless the user has chosen it', () => {
    const steep = [0.1, 0.6, 0.9, 0.96, 0.97, 0.98, 0.98, 0.98, 0.98];
    const notes = (choices: FigureChoices) =>
      describeFigure([run({ accuracies: steep })], choices, labels).notes;
    expect(notes({})).toEqual([
      '2 of 9 points or their bands lie below the y axis; byzsim plot shows them with ymin=0',
    ]);
    expect(notes({ ymin: '0' })).toEqual([]);
    expect(notes({ ymin: '95' })).toEqual([]);
    expect(notes({ y: 'test_loss' })).toEqual([]);
  });

  test.each(['curves', 'heatmap'])(
    'of %s leave out runs of modes that lack the column, and say so',
    (kind) => {
      const drift = (rows: number[]) => rows.map((value, k) => ({ update: k + 1, time: k, drift: value }));
      const of = (rule: string, options: object) => {
        const made = run({ rule, ...options });
        return { ...made, columns: [...made.columns, 'drift'] };
      };
      const runs = [of('krum', { rows: drift([3, 2]) }), of('cwmed', { accuracies: [0.5] })];
      const { spec, summary, notes } = describeFigure(runs, { kind, y: 'drift' }, labels);
      expect(summary).toContain('Krum');
      expect(JSON.stringify(spec)).not.toContain('CWMed');
      expect(notes).toEqual(['1 of 2 runs has no drift and is not drawn']);
    },
  );

  test('of curves have no time to a target: heatmaps do', () => {
    const y = 'time to test_loss 1.2';
    expect(() => describeFigure([run()], { y }, labels)).toThrow(
      'invalid y: time to test_loss 1.2 (curves have a column; kind=heatmap draws the time to a target)',
    );
    expect(() => describeFigure([run()], { y, kind: 'heatmap' }, labels)).not.toThrow();
  });

  test('more lines than can be told apart are told', () => {
    const runs = Array.from({ length: 49 }, (_, workers) => run({ workers }));
    expect(describeFigure(runs, {}, labels).notes).toEqual([
      'of 49 lines only 48 can be told apart; byzsim plot parts them with facet=',
    ]);
  });

  test('what is neither better nor worse has no worst case', () => {
    const rows = [{ update: 1, time: 1, honest_refused: 3 }];
    const runs = ['empire', 'little'].map((attack) => run({ attack, rows }));
    const { summary } = describeFigure(runs, { kind: 'heatmap', y: 'honest_refused' }, labels);
    expect(summary.split('\n').map((line) => line.split(',')[0])).toEqual(['column', 'empire', 'little', '']);
    expect(() => describeFigure(runs, { kind: 'heatmap', y: 'honest_refused', x: 'lambda' }, labels)).toThrow(
      'invalid x: byzantine.lambda leaves the worst of 2 attacks, but neither more nor less honest_refused is better (choose one, by --where attack=empire)',
    );
  });

  test('a worst case needs every attack', () => {
    const runs = [run({ attack: 'empire', lambda: 0.1 }), run({ attack: 'little', lambda: 0.2 })];
    expect(() => describeFigure(runs, { kind: 'heatmap', x: 'lambda' }, labels)).toThrow(
      'missing runs: nowhere has every attack been run (empire, little)',
    );
  });
});

test('a logarithmic x axis begins at the first evaluation', async () => {
  const rows = [1, 10, 100, 1000].map((time, k) => ({ update: k + 1, time, test_accuracy: 0.2 * (k + 1) }));
  const runs = [run({ rows })];
  const svg = await renderSvg(describeFigure(runs, { x: 'time', xscale: 'log' }, labels).spec);
  expect(svg).toContain('aria-label="Horizontal axis: simulated time, marked from 1 to 1000, logarithmic."');
  const one = [run({ rows: rows.slice(0, 1) })];
  expect(await renderSvg(describeFigure(one, { x: 'time', xscale: 'log' }, labels).spec)).not.toContain(
    'NaN',
  );
  expect(() => describeFigure(runs, { xscale: 'lgo' }, labels)).toThrow(/unknown xscale: lgo/);
});

test('rows without a finite time are not drawn over time', () => {
  const [row] = run().rows;
  expect(() => describeFigure([run({ rows: [{ ...row, time: Infinity }] })], { x: 'time' }, labels)).toThrow(
    'missing values: no run has numbers in columns time and test_accuracy of one row',
  );
});

test('an x axis from 0 on cannot be logarithmic', () => {
  const rows = run().rows.map((row, k) => ({ ...row, time: k }));
  expect(() => describeFigure([run({ rows })], { x: 'time', xscale: 'log' }, labels)).toThrow(
    'invalid xscale: log (time begins at 0, and a logarithmic axis above 0)',
  );
});

test.each([
  ['figure-a-mnist', 'updates'],
  ['ctma-mnist', 'rounds'],
  ['byzsgd-mnist-gather', 'steps'],
  ['async-sync-mnist', 'updates'],
])('the x axis of %s counts %s', async (study, steps) => {
  const { runs } = readStudy([`results/paper/${study}`]);
  const svg = await renderSvg(describeFigure(runs.slice(0, 100), {}, labels).spec);
  expect(svg).toContain(`>${steps}</text>`);
});

test('runs of several modes are told apart by mode first', () => {
  const { runs } = readStudy(['results/paper/async-sync-mnist']);
  const { summary } = describeFigure(runs, { x: 'time' }, labels);
  const series = [...summary.matchAll(/,(\w+synchronous|synchronous|"synchronous[^"]*"),\d/g)].map(
    ([, label]) => label,
  );
  expect([...new Set(series)]).toEqual(['asynchronous', 'synchronous', '"synchronous, quorum = 7"']);
});
