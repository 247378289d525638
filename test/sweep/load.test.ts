import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { identify, runFolder } from '../../src/config/identity.js';
import { loadConfig } from '../../src/sweep/load.js';
import { loadSweep } from '../../src/sweep/load.js';
import { builtins } from '../../src/simulation/catalogue.js';

const folder = mkdtempSync(join(tmpdir(), 'byzsim-sweep-'));
afterAll(() => rmSync(folder, { recursive: true }));

const base = `dataset: mnist
workers: 9
byzantine: {count: 2, lambda: 0.2, attack: sign-flip}
aggregator: cwmed
optimizer: sgd
updates: 100
`;

function write(text: string, name = 'study.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const load = (keys: string, ...words: string[]) =>
  loadSweep(write(base + keys), words, builtins, { out: 'out' });

/** A line for each run: the values of its axes. */
async function plan(keys: string, ...words: string[]): Promise<string[]> {
  const { runs } = await load(keys, ...words);
  return runs.map(({ axes }) => [...axes.values()].map((value) => String(value ?? '-')).join(' '));
}

/** The problems, a line each, without the file's name. */
async function problems(keys: string, ...words: string[]): Promise<string[]> {
  const error: unknown = await load(keys, ...words).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  const [, ...lines] = (error as Error).message.split('\n');
  return lines.map((line) => line.trim().replace(join(folder, 'study.yaml:'), ''));
}

describe('a sweep', () => {
  test('of a plain config is its seeds', async () => {
    const { name, axes, runs, folder: around } = await load('seeds: [3, 1]\n');
    expect({ name, axes, around }).toEqual({ name: 'study', axes: ['seed'], around: join('out', 'study') });
    expect(runs.map(({ seed, config }) => [seed, config.seeds])).toEqual([
      [3, [3]],
      [1, [1]],
    ]);
  });

  test('is every combination, the last axis fastest and seeds innermost', async () => {
    const keys = 'seeds: [1, 2]\nmatrix: {aggregator.rule: [cwmed, mean], workers: [8, 9]}\n';
    expect(await plan(keys)).toEqual([
      'cwmed 8 1',
      'cwmed 8 2',
      'cwmed 9 1',
      'cwmed 9 2',
      'mean 8 1',
      'mean 8 2',
      'mean 9 1',
      'mean 9 2',
    ]);
  });

  test('may vary the mode, and keys that not every mode has', async () => {
    const axes = 'matrix: {mode: [async, sync], quorum: [null, 7]}\nexclude: [{mode: async, quorum: 7}]\n';
    const own = 'include: [{mode: sync, updates: 20, optimizer.learningRate: 0.1}]\n';
    expect(await plan(axes + own)).toEqual(['async - 100 0.01 1', 'sync - 20 0.1 1', 'sync 7 20 0.1 1']);
    const { columns } = await load(axes + own);
    expect(columns).toEqual(expect.arrayContaining(['time', 'staleness_mean', 'byzantine_share']));
    expect(await problems('matrix: {mode: [async, sync], quorum: [null, 7]}\n')).toEqual([
      '7:31: invalid key: quorum (mode async takes none; sync and byzsgd do); with mode=async',
    ]);
  });

  test('may vary what is named, and parameters that not all of it has', async () => {
    const keys =
      'matrix: {optimizer.name: [sgd, momentum], optimizer.beta: [null, 0.8]}\n' +
      'exclude: [{optimizer.name: sgd, optimizer.beta: 0.8}]\n';
    expect(await plan(keys)).toEqual(['sgd - 1', 'momentum 0.9 1', 'momentum 0.8 1']);
    expect(await problems('matrix: {optimizer.betta: [null]}\n')).toEqual([
      expect.stringContaining('unknown key: betta'),
    ]);
  });

  test('says what is drawn of it; curves, if nothing else', async () => {
    expect((await load('seeds: [1]\n')).figures).toEqual([{ name: 'figure', choices: {} }]);
    const keys = 'figures: {worst: {kind: heatmap, ymin: 80, where: {attack: little}}, time: {x: time}}\n';
    expect((await load(keys)).figures).toEqual([
      { name: 'worst', choices: { kind: 'heatmap', ymin: '80' }, where: { attack: 'little' } },
      { name: 'time', choices: { x: 'time' }, where: undefined },
    ]);
  });

  test('refuses figures that cannot be, before anything is computed', async () => {
    expect(await problems('figures: {a/b: {}, b: {kid: heatmap}, c: {kind: haetmap}, d: 3}\n')).toEqual([
      expect.stringMatching(/^7:11: invalid figure: a\/b \(expected letters/),
      '7:24: unknown choice: kid (did you mean kind?)',
      '7:49: unknown kind: haetmap (did you mean heatmap?)',
      expect.stringMatching(/^7:62: invalid d: 3 \(expected choices/),
    ]);
    expect(await problems("figures: {a: {kind: heatmap, y: 'time to test_accuracy 90'}}\n")).toEqual([
      expect.stringMatching(
        /^7:\d+: invalid quantity: "time to test_accuracy 90" \(test_accuracy is a fraction/,
      ),
    ]);
  });

  test('has the very folders that byzsim run writes', async () => {
    const { runs } = await load(
      'matrix: {aggregator.rule: [cwmed, krum], optimizer.learningRate: [0.1, 0.2]}\n',
    );
    const plain = write(base, 'plain.yaml');
    for (const { config, folder: own, seed, id } of runs) {
      const overrides = [
        'name=study',
        `aggregator.rule=${config.aggregator.rule}`,
        `optimizer.learningRate=${config.optimizer.learningRate}`,
      ];
      const { config: same } = await loadConfig(plain, overrides, builtins);
      const identity = await identify(same);
      expect(own).toBe(runFolder('out', same, identity, seed));
      expect(id).toBe(`${identity.slug}-${identity.hash8}-seed-1`);
    }
    expect(new Set(runs.map((run) => run.folder)).size).toBe(4);
  });

  test('applies names before keys below them, in whatever order they come', async () => {
    const keys = 'matrix: {aggregator.meta: [[], [nnm, ctma]], aggregator: [cwmed, geometric-median]}\n';
    expect(await plan(keys)).toEqual([
      'none cwmed 1',
      'none geometric-median 1',
      'nnm+ctma cwmed 1',
      'nnm+ctma geometric-median 1',
    ]);
    const { runs } = await load(keys);
    expect(runs[2].config.aggregator.meta.map(({ rule }) => rule)).toEqual(['nnm', 'ctma']);
  });

  test('shows mappings by their name and the rest; null is the default', async () => {
    const keys = `matrix:
  optimizer: [{name: momentum, beta: 0.8}, sgd]
  byzantine.attack: [{attack: empire, factor: 0.5}]
  batchSize: [null, 4]
`;
    expect(await plan(keys)).toEqual([
      'momentum beta=0.8 empire factor=0.5 16 1',
      'momentum beta=0.8 empire factor=0.5 4 1',
      'sgd empire factor=0.5 16 1',
      'sgd empire factor=0.5 4 1',
    ]);
  });
});

describe('exclude', () => {
  const keys = 'matrix: {aggregator: [cwmed, krum, mean], byzantine.attack: [empire, little]}\nexclude:\n';

  test('drops what agrees with all its entries; a list is any of them', async () => {
    expect(await plan(`${keys}  - {aggregator: krum}\n`)).toEqual([
      'cwmed empire 1',
      'cwmed little 1',
      'mean empire 1',
      'mean little 1',
    ]);
    expect(await plan(`${keys}  - {aggregator: [krum, cwmed], byzantine.attack: little}\n`)).toEqual([
      'cwmed empire 1',
      'krum empire 1',
      'mean empire 1',
      'mean little 1',
    ]);
  });

  test('takes lists that are values themselves', async () => {
    const meta =
      'matrix: {aggregator.meta: [[], [ctma], [nnm]]}\nexclude: [{aggregator.meta: [nnm]}, {aggregator.meta: []}]\n';
    expect(await plan(meta)).toEqual(['ctma 1']);
  });

  test.each([
    ['  - {aggregater: krum}', 'unknown axis: aggregater (did you mean aggregator?)'],
    ['  - {workers: 9}', 'unknown axis: workers (the axes are aggregator, byzantine.attack)'],
    ['  - {aggregator: krun}', 'unknown value of aggregator: krun (did you mean krum?)'],
    ['  - {aggregator: 7}', 'unknown value of aggregator: 7 (its values are cwmed, krum, mean)'],
    [
      '  - {aggregator: krum}\n  - {aggregator: krum}',
      'invalid exclude: it excludes nothing that is not excluded already',
    ],
    ['  - {aggregator: [cwmed, krum, mean]}', 'empty sweep: every combination is excluded'],
  ])('%s is a mistake', async (entry, message) => {
    expect((await problems(`${keys}${entry}\n`)).map((line) => line.replace(/^[\d:]+ /, ''))).toEqual([
      message,
    ]);
  });
});

describe('include', () => {
  const keys = 'matrix: {byzantine.attack: [label-flip, sign-flip], aggregator: [cwmed, mean]}\ninclude:\n';

  test('adds its keys to the combinations that agree on the axes', async () => {
    const { axes, runs } = await load(`${keys}  - {byzantine.attack: label-flip, byzantine.lambda: 0.3}\n`);
    expect(axes).toEqual(['byzantine.attack', 'aggregator', 'byzantine.lambda', 'seed']);
    expect(runs.map((run) => [...run.axes.values()].join(' '))).toEqual([
      'label-flip cwmed 0.3 1',
      'label-flip mean 0.3 1',
      'sign-flip cwmed 0.2 1',
      'sign-flip mean 0.2 1',
    ]);
    expect(runs.map(({ config }) => config.byzantine.lambda)).toEqual([0.3, 0.3, 0.2, 0.2]);
  });

  test('adds to all where it names no axis; a later one has the last word', async () => {
    const entries = '  - {workers: 8}\n  - {aggregator: mean, workers: 7}\n';
    expect(await plan(keys + entries)).toEqual([
      'label-flip cwmed 8 1',
      'label-flip mean 7 1',
      'sign-flip cwmed 8 1',
      'sign-flip mean 7 1',
    ]);
  });

  test('is a combination of its own where none agrees', async () => {
    const entries = '  - {byzantine.attack: little, workers: 8}\n  - {aggregator: krum}\n';
    expect((await plan(keys + entries)).slice(4)).toEqual(['little cwmed 8 1', 'sign-flip krum 9 1']);
  });

  test('makes experiments without a matrix', async () => {
    expect(await plan('include: [{aggregator: mean}, {aggregator: krum, workers: 8}]\n')).toEqual([
      'mean 9 1',
      'krum 8 1',
    ]);
  });

  test('may give an experiment seeds of its own', async () => {
    expect(await plan(`seeds: [1, 2]\n${keys}  - {aggregator: mean, seeds: [1]}\n`)).toEqual([
      'label-flip cwmed 1',
      'label-flip cwmed 2',
      'label-flip mean 1',
      'sign-flip cwmed 1',
      'sign-flip cwmed 2',
      'sign-flip mean 1',
    ]);
  });

  test('that changes nothing is a mistake', async () => {
    expect(await problems(`${keys}  - {aggregator: mean}\n`)).toEqual([
      '9:5: invalid include: the matrix has this combination already',
    ]);
  });
});

describe('the command line', () => {
  const keys = `matrix: {byzantine.attack: [label-flip, sign-flip], aggregator: [cwmed, mean]}
exclude: [{byzantine.attack: sign-flip, aggregator: mean}]
include: [{byzantine.attack: label-flip, byzantine.lambda: 0.3}]
`;

  test('adds axes behind those of the file', async () => {
    expect(await plan(keys, 'workers=8,9', 'seeds=5')).toEqual([
      'label-flip cwmed 8 0.3 5',
      'label-flip cwmed 9 0.3 5',
      'label-flip mean 8 0.3 5',
      'label-flip mean 9 0.3 5',
      'sign-flip cwmed 8 0.2 5',
      'sign-flip cwmed 9 0.2 5',
    ]);
  });

  test('replaces the values of an axis, also in include and exclude', async () => {
    expect(await plan(keys, 'byzantine.attack=sign-flip,little')).toEqual([
      'sign-flip cwmed 1',
      'little cwmed 1',
      'little mean 1',
    ]);
    expect(await plan(keys, 'aggregator=krum')).toEqual(['label-flip krum 0.3 1', 'sign-flip krum 0.2 1']);
  });

  test('a single value holds everywhere', async () => {
    const { axes, runs } = await load(keys, 'byzantine.lambda=0.1', 'optimizer.learningRate=0.5');
    expect(axes).toEqual(['byzantine.attack', 'aggregator', 'seed']);
    expect(runs.map(({ config }) => [config.byzantine.lambda, config.optimizer.learningRate])).toEqual([
      [0.1, 0.5],
      [0.1, 0.5],
      [0.1, 0.5],
    ]);
  });

  test('names the study', async () => {
    expect((await load(keys, 'name=other')).folder).toBe(join('out', 'other'));
  });
});

describe('what is wrong', () => {
  test('is reported at once, each with its place', async () => {
    const bad = readFileSync(new URL('../golden/bad-sweep.yaml', import.meta.url), 'utf8');
    const file = write(bad, 'x.yaml');
    const words = ['workers=1,,2', 'seeds=1,1', 'aggregator.tie=up'];
    const error: unknown = await loadSweep(file, words, builtins, { out: 'out' }).catch(
      (reason: unknown) => reason,
    );
    const [, ...lines] = (error as Error).message.replaceAll(file, 'x.yaml').split('\n');
    await expect(`${lines.map((line) => line.trim()).join('\n')}\n`).toMatchFileSnapshot(
      '../golden/bad-sweep.txt',
    );
  });

  test('once, with the first combination that has it if not all have', async () => {
    const keys = 'matrix: {aggregator: [cwmed, krum], byzantine.count: [2, 4], updates: [10, 20]}\n';
    expect(await problems(keys)).toEqual([
      '7:30: invalid krum: f = 4 needs 2f + 2 < n, but n = 9; with byzantine.count=4 updates=10 and 1 more',
    ]);
  });

  test('at the word of the command line', async () => {
    expect(await problems('', 'aggregator=cwmed,krumm')).toEqual([
      'command line: aggregator=cwmed,krumm: unknown aggregator: krumm (did you mean krum?)',
    ]);
    expect(await problems('', 'agregator.rule=krum')).toEqual([
      'command line: agregator.rule=krum: unknown key: agregator (did you mean aggregator?)',
    ]);
  });

  test('a key that makes a file a sweep, on the command line', async () => {
    for (const word of [
      'matrix.workers=[3, 5]',
      'matrix={workers: [3]}',
      'include=[{workers: 5}]',
      'exclude=5',
    ])
      expect(await problems('', word)).toEqual([
        expect.stringMatching(
          /: invalid key: (matrix|include|exclude)[.\w]* \(name the key itself, with all of its values/,
        ),
      ]);
  });

  test('of slurm: they stand in the file only', async () => {
    for (const word of ['slurm={mem: 4G}', 'slurm.array=3'])
      expect(await problems('', word)).toEqual([
        expect.stringMatching(/: invalid key: slurm[.\w]* \(slurm stands in the sweep file only\)/),
      ]);
  });

  test('two combinations that are one experiment', async () => {
    const keys = 'matrix: {aggregator: [cwmed, {rule: cwmed}], updates: [10]}\n';
    expect(await problems(keys)).toEqual([
      '7:30: duplicate run: aggregator={rule: "cwmed"} updates=10 is the same experiment as aggregator=cwmed updates=10 (leave one out)',
    ]);
  });

  test('thousands of problems at one word of the command line, in no time', async () => {
    const keys = Array.from({ length: 4000 }, (_, k) => `a${k}: [x]`).join();
    const before = process.cpuUsage();
    expect(await problems('', `thresholds={${keys}}`)).not.toEqual([]);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5);
  });

  test('too many runs', async () => {
    expect(await problems('', 'updates=range(1,10000)', 'workers=range(9,29)')).toEqual([
      'command line: updates=range(1,10000): too many combinations: 199980 (the limit is 10000)',
    ]);
  });
});

test('other commands refuse a sweep and say what to use', async () => {
  const file = write(`${base}matrix: {workers: [8, 9]}\n`);
  await expect(loadConfig(file, [], builtins)).rejects.toThrow(
    `${file} is a sweep: it has the key matrix; use byzsim sweep ${file}`,
  );
});

test('the example of docs/sweeps.md is the sweep it is said to be', async () => {
  const page = readFileSync(new URL('../../docs/sweeps.md', import.meta.url), 'utf8');
  const [, example] = /```yaml\n([^]*?)```/.exec(page)!;
  const { runs } = await loadSweep(write(example, 'example.yaml'), [], builtins, { out: 'out' });
  const rows = runs
    .filter(({ seed }) => seed === 1)
    .map(({ axes }) => [...axes.values()].slice(0, 3).join(' '));
  expect(rows).toEqual([
    'cwmed sign-flip 0.4',
    'cwmed little 0.4',
    'cwmed label-flip 0.3',
    'geometric-median sign-flip 0.4',
    'centered-clipping radius=1 sign-flip 0.4',
    'centered-clipping radius=1 little 0.4',
    'centered-clipping radius=1 label-flip 0.3',
    'mean none 0.2',
  ]);
  expect(runs).toHaveLength(24);
});
