import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { createReport } from '../../src/report/report.js';
import type { Study } from '../../src/study/study.js';
import type { StudyRun } from '../../src/study/study-run.js';
import { chromiumPath, openBrowser } from '../support/browser.js';
import { decodePng } from './pictures.js';
import { run, temporaryFolder } from '../support/study.js';
import { labels } from '../support/labels.js';

const study = (runs: StudyRun[], rest: Partial<Study> = {}): Study => ({
  runs,
  notes: [],
  unfinished: [],
  damaged: [],
  conflicts: [],
  missing: [],
  ...rest,
});

/** Two rules under two attacks with two seeds each; final and best accuracies differ. */
const small = study(
  ['krum', 'mean'].flatMap((rule, r) =>
    ['empire', 'little'].flatMap((attack, a) =>
      [1, 2].map((seed) =>
        run({ rule, attack, seed, accuracies: [0.5, 0.96, 0.9 + 0.02 * seed - 0.1 * a - 0.05 * r * a] }),
      ),
    ),
  ),
);

/** 48 experiments with 3 seeds each. */
const large = study(
  ['cwmed', 'geometric-median', 'krum', 'trimmed-mean'].flatMap((rule, r) =>
    [true, false].flatMap((weighted, w) =>
      [[], [{ rule: 'ctma' }], [{ rule: 'nnm' }]].flatMap((meta, m) =>
        ['empire', 'sign-flip'].flatMap((attack, a) =>
          [1, 2, 3].map((seed) => {
            const pace = 1 + r / 3 + w + m / 4 + a / 2;
            const accuracies = Array.from(
              { length: 25 },
              (_, k) =>
                1 - 0.8 * Math.exp(-(k + 1) / (3 * pace)) - 0.02 * pace + 0.01 * Math.sin(5 * seed + k),
            );
            return run({ rule, weighted, meta, attack, seed, accuracies });
          }),
        ),
      ),
    ),
  ),
);

/** Without classes: only losses. One run has diverged, one experiment lacks a seed, and notes need escaping. */
const losses = study(
  [0.1, 0.2].flatMap((lambda, l) =>
    (l === 0 ? [1, 2] : [1]).map((seed) => {
      const base = run({ lambda, seed, attack: 'empire' });
      const rows = base.rows.map((row, k) => ({
        ...row,
        test_accuracy: undefined,
        test_loss: (l + 1.5) * 10 ** -k * seed,
      }));
      const diverged = seed === 2;
      const summary = {
        ...base.summary,
        ...(diverged && { status: 'diverged' as const, message: 'a loss of NaN' }),
      };
      return { ...base, rows, summary };
    }),
  ),
  { notes: ['left out results/<i>x</i>: not finished'], missing: ['results/x/seed-3'] },
);

const pages = new Map<Study, Promise<string>>();

/** The report on one of the studies above, made once. */
function page(of: Study): Promise<string> {
  const made = pages.get(of) ?? createReport(of, { title: 'A study', labels });
  pages.set(of, made);
  return made;
}

/** The rows of the table with a caption, as text. */
function table(html: string, caption: string): string[][] {
  const captioned = (part: string) => part.replace(/\s*\n\s*/g, '').includes(`<caption>${caption}<`);
  const found = html.split('<table>').find(captioned)!.split('</table>')[0];
  return found
    .split('<tr>')
    .slice(1)
    .map((row) =>
      [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) =>
        cell
          .replace(/<\/span>\s*<span>/g, ', ')
          .replace(/<b>(.*?)<\/b>/g, '*$1*')
          .replace(/<[^>]*>/g, '')
          .replace(/\s+/g, ' ')
          .trim(),
      ),
    );
}

test('several servers, their attack, gathers and network have sentences', async () => {
  const [{ axes, ...rest }] = small.runs;
  const several = async (more: [string, string | number][]) => {
    const runs = [{ ...rest, axes: new Map([...axes, ...more]) }];
    return (await createReport(study(runs), { title: 'A study', labels })).replaceAll(/\s+/g, ' ');
  };
  const servers: [string, string | number][] = [
    ['servers.count', 5],
    ['servers.byzantine', 1],
    ['servers.attack.attack', 'split'],
  ];
  expect(
    await several([...servers, ['gatherEvery', 10], ['network.delay.process', 'exponential']]),
  ).toContain(
    'There are 5 servers, 1 of them Byzantine: split servers. They gather every 10 steps. Delays of messages are exponential.',
  );
  expect(await several([...servers, ['gatherEvery', 0], ['network', 'synchronous']])).toContain(
    'They never gather. The network is synchronous.',
  );
});

test('what varies of servers has rows, also where one key tells experiments apart', async () => {
  const [{ axes, meta, ...rest }] = small.runs;
  const given = [
    'servers.count',
    'servers.byzantine',
    'servers.attack.attack',
    'gatherEvery',
    'servers.quorum',
  ];
  const of = (values: readonly (string | number)[], k: number) => ({
    ...rest,
    hash: String(k),
    axes: new Map([
      ...axes,
      ...given.map((path, place) => [path, values[place]] as const),
      ['quorum', 9 - k], // a default, which follows from the rest
      ['servers.attack.factor', k],
    ]),
    meta: { ...meta, given: [...given, 'servers.attack.factor'] },
  });
  const runs = [of([1, 0, 'none', 1, 1], 0), of([5, 1, 'split', 10, 4], 1)];
  const html = await createReport(study(runs), { labels });
  expect(table(html, 'What varies')).toEqual([
    ['quantity', 'key', 'values'],
    ['servers', 'servers.count', '1 and 5'],
    ['Byzantine servers', 'servers.byzantine', '0 and 1'],
    ['server attack', 'servers.attack.attack', 'honest servers and split servers'],
    ['T', 'gatherEvery', '1 and 10'],
    ['quorum of models', 'servers.quorum', '1 and 4'],
  ]);
  expect(html).toContain('keys that change with these are under Configuration');
});

/** A study of runs with these axes, and what their metas have, and what the report says. */
async function said(...all: { axes: [string, string | number | boolean][]; found?: object }[]) {
  const [{ axes, meta, ...rest }] = small.runs;
  const runs = all.map(({ axes: more, found }, k) => ({
    ...rest,
    hash: String(k),
    axes: new Map([...axes, ...more]),
    meta: { ...meta, ...(found && { found: { ...found } }) },
  }));
  return (await createReport(study(runs), { title: 'A study', labels })).replaceAll(/\s+/g, ' ');
}

test('faults, messages that differ by server, and gathers that were found have sentences', async () => {
  const faults = JSON.stringify([
    { node: 'w3', silentFrom: 2, until: 5 },
    { node: 's2', silentFrom: 4 },
    { node: 's1', crashAt: 3 },
  ]);
  const servers: [string, string | number][] = [
    ['mode', 'byzsgd'],
    ['servers.count', 5],
    ['servers.byzantine', 0],
    ['gatherEvery', 'auto'],
  ];
  const text = await said(
    { axes: [...servers, ['faults', faults], ['byzantine.perServer', true]], found: { gather_every: 3 } },
    { axes: [...servers, ['faults', faults], ['byzantine.perServer', true]], found: { gather_every: 7 } },
  );
  expect(text).toContain('They gather every 3 to 7 steps, as found on the way.');
  expect(text).toContain(
    'Faults: w3 is silent from time 2 to 5, s2 is silent from time 4 on and s1 crashes at time 3.',
  );
  expect(text).toContain(
    'are Byzantine and send one message in every step (rules are told λ = 0.4), under empire. ' +
      'Servers of even ids get 2μ - m from them in place of a message m, μ the honest mean.',
  );
  const some = await said({ axes: [...servers, ['faults', faults]] }, { axes: servers });
  expect(some).toContain('Faults of some runs: w3 is silent');
  expect(some).not.toContain('2μ');
});

test('what is true of one mode alone is said of that mode', async () => {
  const text = await said(
    { axes: [['mode', 'async']] },
    { axes: [['mode', 'sync']] },
    {
      axes: [
        ['mode', 'byzsgd'],
        ['servers.count', 5],
        ['servers.byzantine', 1],
        ['servers.attack.attack', 'split'],
        ['network.delay.process', 'exponential'],
      ],
    },
  );
  expect(text).toContain('In ByzSGD training there are 5 servers, 1 of them Byzantine: split servers.');
  expect(text).toContain(
    'send a share λ = 0.4 of all updates in asynchronous training, one message in every round or step in ByzSGD or ' +
      'synchronous training, under empire.',
  );
  expect(text).toContain('keys that change with these are under Configuration');
});

test('a report is the same in whatever order its runs come', async () => {
  const turned = { ...small, runs: small.runs.toReversed() };
  expect(await createReport(turned, { labels })).toBe(await createReport(small, { labels }));
});

describe('tables', () => {
  test('final accuracies: mean and sample deviation in percent, the best of a column in bold', async () => {
    // Seeds have 0.92 and 0.94 under empire: 93 ± 1.41 for both rules; under little 83 for Krum, 78 for the mean.
    expect(table(await page(small), 'Final test accuracy (%)')).toEqual([
      ['experiment', 'empire', 'little', 'worst case'],
      ['Krum', '*93.00* ± 1.41', '*83.00* ± 1.41', '*83.00* ± 1.41'],
      ['mean', '*93.00* ± 1.41', '78.00 ± 1.41', '78.00 ± 1.41'],
    ]);
  });

  test('best accuracies are those of the best evaluation of each run', async () => {
    expect(table(await page(small), 'Best test accuracy (%) of a run').slice(1)).toEqual([
      ['Krum', '*96.00* ± 0.00', '*96.00* ± 0.00', '*96.00* ± 0.00'],
      ['mean', '*96.00* ± 0.00', '*96.00* ± 0.00', '*96.00* ± 0.00'],
    ]);
  });

  test('what reads the same is equally good', async () => {
    const runs = [run({ rule: 'krum', accuracies: [0.90001] }), run({ rule: 'mean', accuracies: [0.90004] })];
    expect(table(await page(study(runs)), 'Final and best values')).toEqual([
      ['experiment', 'final test accuracy (%)', 'best test accuracy (%)', 'final test loss'],
      ['Krum', '*90.00*', '*90.00*', '*1.1*'],
      ['mean', '*90.00*', '*90.00*', '*1.1*'],
    ]);
  });

  test('when a target was first reached, and where it was not', async () => {
    const target = labels.parseQuantity('updates to test_accuracy 0.92')!;
    const runs = [
      run({ rule: 'krum', attack: 'empire', seed: 1, accuracies: [0.5, 0.96, 0.9] }),
      run({ rule: 'krum', attack: 'empire', seed: 2, accuracies: [0.92, 0.9, 0.9] }),
      ...[1, 2].map((seed) =>
        run({ rule: 'krum', attack: 'little', seed, accuracies: [0.5, 0.6, seed / 2] }),
      ),
      ...[1, 2].map((seed) => run({ rule: 'mean', attack: 'empire', seed, accuracies: [0.5] })),
      ...[1, 2].map((seed) => run({ rule: 'mean', attack: 'little', seed, accuracies: [0.92] })),
    ];
    const html = await createReport(study(runs), { labels, targets: [target] });
    expect(table(html, 'Updates to 92 % test accuracy')).toEqual([
      ['experiment', 'empire', 'little', 'worst case'],
      ['Krum', '*15* ± 7.1', '1 of 2 never', '1 of 2 never'],
      ['mean', 'never', '*10* ± 0', 'never'],
    ]);
  });

  test('losses: least is best; numbers of seeds where they differ; runs that diverged are marked', async () => {
    expect(table(await page(losses), 'Final and best values')).toEqual([
      ['experiment', 'final test loss', 'best test loss'],
      ['λ = 0.1', '*0.0225* ± 0.011† n = 2', '*0.0225* ± 0.011† n = 2'],
      ['λ = 0.2', '0.025 n = 1', '0.025 n = 1'],
    ]);
  });
});

describe('what is said', () => {
  test('what was run, and what varies', async () => {
    const html = await page(small);
    expect(html).toContain(
      '<p>4 experiments with 2 seeds each: training of a model on generated digits by 9 workers. Of the workers, 4 are ' +
        'Byzantine and send a share λ = 0.4 of all updates, under empire or little. The clocks of the workers are ' +
        'exponential; speeds are proportional to the id of the worker. The server aggregates by Krum or mean, ' +
        'weighted. The optimizer is SGD with learning rate 0.1.</p>',
    );
    expect(table(html, 'What varies')).toEqual([
      ['quantity', 'key', 'values'],
      ['rule', 'aggregator.rule', 'Krum and mean'],
      ['attack', 'byzantine.attack.attack', 'empire and little'],
    ]);
  });

  test('failures and gaps', async () => {
    const html = await page(losses);
    for (const text of [
      'left out results/&#60;i&#62;x&#60;/i&#62;: not finished',
      'test-', // slug and hash of the experiment
      ' lacks seed 2',
      '1 missing run',
      'results/x/seed-3',
    ]) {
      expect(html).toContain(text);
    }
    expect(await page(small)).not.toContain('Failures and gaps');
  });

  test('thresholds', async () => {
    const thresholds = [
      { text: 'final.test_accuracy: mean >= 0.8', passed: true, detail: '0.83' },
      { text: 'final.test_accuracy: mean >= 0.9', passed: false, detail: '0.83, 0.07 short' },
    ];
    const html = await createReport(small, { title: 'A study', thresholds, labels });
    expect(html).toContain('1 of 2 missed.');
    expect(html.match(/class="(met|missed)"/g)).toEqual(['class="met"', 'class="missed"']);
    const unknown = { text: 'final.test_accuracy: std <= 0.1', detail: 'it takes two seeds' };
    const other = await createReport(small, {
      title: 'A study',
      labels,
      thresholds: [thresholds[0], unknown],
    });
    expect(other).toContain('0 of 2 missed; 1 cannot be checked.');
    expect(other).toMatch(/\? cannot be checked<\/b>\s*<code>final[^]*it takes two seeds/);
    expect(html).toContain('mean &#62;= 0.9');
  });

  test('configs: what is shared once, what differs by experiment', async () => {
    const html = await page(small);
    const [, shared] = /<pre><code>(.*?)<\/code><\/pre>/s.exec(html)!;
    expect(shared).toContain('workers: 9\n');
    expect(shared).toContain('aggregator:\n  weighted: true\n  meta: []\n');
    expect(shared).not.toMatch(/rule|attack: |seeds/);
    const differences = table(html, 'Experiments').map((row) => row.slice(1));
    expect(differences[0]).toEqual([
      'byzantine.attack.attack',
      'byzantine.attack.factor',
      'aggregator.rule',
      'seeds',
    ]);
    expect(differences.slice(1).toSorted()).toEqual([
      ['empire', '0.1', 'krum', '1, 2'],
      ['empire', '0.1', 'mean', '1, 2'],
      ['little', '–', 'krum', '1, 2'],
      ['little', '–', 'mean', '1, 2'],
    ]);
  });

  test('provenance: each distinct origin once, files of data, commands', async () => {
    const origin = (commit: string, modified = false) => ({
      byzsim: '1.2.3',
      git: { commit, modified },
      node: 'v20.1.0',
      engine: { backend: 'onnx', version: '1.30', device: 'cpu', threads: 2 },
      dataset_sha256: { 'train.bin': 'abcdef' },
    });
    const commits = ['1111', '1111', '2222'];
    const runs = commits.map((commit, k) => {
      const argv = ['run', 'a config.yaml', `seeds=[${k}]`, "name=it's"];
      return {
        ...run({ seed: k }),
        meta: { ...run().meta, ...origin(commit, commit === '2222'), argv, started: `2026-01-0${k + 1}T` },
      };
    });
    const html = await page(study(runs));
    expect(html.match(/<dd><code>1111<\/code><\/dd>/g)).toHaveLength(1);
    expect(html).toContain('<dd><code>2222</code>, with uncommitted changes</dd>');
    expect(html).toContain('<dd>onnx 1.30 (cpu, 2 threads)</dd>');
    expect(html).toContain('<dd>2 s, all runs together</dd>'); // a second each
    expect(html).toContain('<dd>2026-01-01 to 2026-01-02</dd>');
    expect(html.match(/abcdef {2}train\.bin/g)).toHaveLength(1);
    const quoted = "byzsim run 'a config.yaml' 'seeds=[2]' 'name=it'\\''s'".replaceAll("'", '&#39;');
    expect(html).toContain(quoted);
  });
});

test('the same study gives the same bytes, and asks for nothing', async () => {
  const html = await page(small);
  expect(await createReport(small, { title: 'A study', labels })).toBe(html);
  expect(html).not.toMatch(/<script|<link|<iframe|@import|url\(|https?:/);
});

test('every figure is an image with a description', async () => {
  const html = await page(small);
  const images = [...html.matchAll(/<img\s[^>]*>/g)].map(([image]) => image);
  expect(images).toHaveLength(3);
  for (const image of images) expect(image).toMatch(/alt="[^"]{40,}"/);
  expect(html.match(/<figcaption>/g)).toHaveLength(3);
  expect((await page(losses)).match(/<img/g)).toHaveLength(1);
});

test('no panel has more lines than an eye can follow', async () => {
  const html = await page(large);
  const captions = [...html.matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(([, caption]) => caption);
  expect(captions.map((caption) => caption.split(';')[0])).toEqual([
    'Test accuracy (%), no meta-aggregator',
    'Test loss, no meta-aggregator',
    'Test accuracy (%), CTMA',
    'Test loss, CTMA',
    'Test accuracy (%), NNM',
    'Test loss, NNM',
    'Final test accuracy (%) under each attack, and in the worst case',
  ]);
  expect(table(html, 'Final test accuracy (%)')).toHaveLength(1 + 24);
});

test('runs without a single number are reported, too', async () => {
  const broken = run({ accuracies: [NaN] });
  const html = await page(study([{ ...broken, rows: [] }]));
  expect(html).toContain('1 experiment with 1 seed');
  expect(html).not.toContain('<img');
});

if (!chromiumPath)
  console.warn('no Chromium here (Debian: chromium; or set BYZSIM_CHROMIUM): no report is opened');

describe.skipIf(!chromiumPath)('in a browser', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let tab: Page;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    tab = await browser.context.newPage();
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(error.message));
    tab.on('request', (request) => requests.push(request.url()));
  });
  afterAll(() => browser.close());

  const studies = { small, large, losses };
  const cases = [1280, 400].flatMap(
    (width) =>
      [
        { name: 'small', width, scheme: 'light' },
        { name: 'small', width, scheme: 'dark' },
        { name: 'large', width, scheme: 'light' },
        { name: 'losses', width, scheme: 'dark' },
      ] as const,
  );

  test.each(cases)('$name at $width pixels, $scheme', async ({ name, width, scheme }) => {
    const html = await page(studies[name]);
    const file = join(temporaryFolder(), 'report.html');
    writeFileSync(file, html);
    await tab.setViewportSize({ width, height: 800 });
    await tab.emulateMedia({ colorScheme: scheme });
    await tab.goto(`file://${file}`);
    const seen = await tab.evaluate<Seen>(inspect);
    expect(seen.overflow, 'pixels beyond the right edge').toBe(0);
    expect(seen.outside, 'parts of the page that stick out').toEqual([]);
    expect(seen.images).toHaveLength(html.match(/<img/g)!.length);
    for (const image of seen.images) {
      expect(image.natural).toBeGreaterThan(100);
      expect(image.shown).toBeGreaterThan(100);
      expect(image.shown).toBeLessThanOrEqual(width);
    }
    expect(seen.headings.slice(0, 4)).toEqual(['A study', 'What was run', 'Figures', 'Results']);
    expect(seen.headings.slice(-3)).toEqual(['Configuration', 'Provenance', 'To make it again']);
    expect(seen.smallest, 'smallest letters, in pixels').toBeGreaterThanOrEqual(12);
    expect(seen.contrast, 'of text and page').toBeGreaterThan(10);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([`file://${file}`]);
    requests.length = 0;
  });

  test('figures are dark on a dark page, and light on paper', async () => {
    const file = join(temporaryFolder(), 'report.html');
    writeFileSync(file, await page(small));
    const corner = async () => {
      const picture = decodePng(await tab.locator('img').first().screenshot());
      return picture.pixels[picture.width * 3 + 3].toString(16);
    };
    await tab.emulateMedia({ colorScheme: 'light' });
    await tab.goto(`file://${file}`);
    expect(await corner()).toBe('ffffff');
    await tab.emulateMedia({ colorScheme: 'dark' });
    expect(await corner()).toBe('16181b');
    await tab.emulateMedia({ colorScheme: 'dark', media: 'print' });
    expect(await corner()).toBe('ffffff');
    await tab.emulateMedia({ media: 'screen' });
  });
});

interface Seen {
  overflow: number;
  outside: string[];
  images: { natural: number; shown: number }[];
  headings: string[];
  smallest: number;
  contrast: number;
}

/** Runs in the page. */
const inspect = `(() => {
  const visible = [...document.querySelectorAll('main *')];
  const scrolled = (element) => element.parentElement.closest('.scroll') !== null;
  const luminance = (colour) => {
    const [r, g, b] = colour
      .match(/[0-9.]+/g)
      .map((value) => value / 255)
      .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const body = getComputedStyle(document.body);
  const [dark, light] = [luminance(body.color), luminance(body.backgroundColor)].sort((a, b) => a - b);
  return {
    overflow: document.documentElement.scrollWidth - innerWidth,
    outside: visible
      .filter((element) => !scrolled(element) && element.getBoundingClientRect().right > innerWidth + 0.5)
      .map((element) => element.outerHTML.slice(0, 80)),
    images: [...document.images].map((image) => ({ natural: image.naturalWidth, shown: image.clientWidth })),
    headings: [...document.querySelectorAll('h1, h2')].map((heading) => heading.textContent),
    smallest: Math.min(...visible.map((element) => parseFloat(getComputedStyle(element).fontSize))),
    contrast: (light + 0.05) / (dark + 0.05),
  };
})()`;
