import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/sweep/load.js';
import { UserError } from '../../src/base/errors.js';
import { builtins } from '../../src/simulation/catalogue.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-config-'));
  writeFileSync(join(folder, 'points.csv'), 'x1,x2\n1,2\n3,4\n');
  writeFileSync(join(folder, 'ragged.csv'), '1,2\n3\n');
  writeFileSync(join(folder, 'trace.txt'), '1\n2\n\n3\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const base = 'dataset: mnist\nworkers: 5\naggregator: cwmed\noptimizer: sgd\nupdates: 100\n';

async function load(text: string, overrides: string[] = [], name = 'x.yaml') {
  const file = join(folder, name);
  writeFileSync(file, text);
  return (await loadConfig(file, overrides, builtins)).config;
}

/** The problems of a config, without the folder. */
async function problemsOf(text: string, overrides: string[] = []): Promise<string[]> {
  try {
    await load(text, overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    const [headline, ...lines] = (error as UserError).message.replaceAll(`${folder}/`, '').split('\n');
    expect(headline).toMatch(/^invalid config: x\.yaml has (1 problem|\d+ problems)$/);
    return lines.map((line) => line.trim());
  }
  return [];
}

describe('mode sync', () => {
  const sync = (...keys: string[]) => load(base, ['mode=sync', 'workers=9', 'byzantine.count=2', ...keys]);
  const refused = (...keys: string[]) =>
    problemsOf(base, ['mode=sync', 'workers=9', 'byzantine.count=2', ...keys]);

  test('has the defaults of the published code, which others may replace', async () => {
    const { aggregator, optimizer, byzantine } = await sync('optimizer=mu2-sgd', 'byzantine.attack=little');
    expect(aggregator).toMatchObject({ weighted: false, tie: 'lower' });
    expect(optimizer).toEqual({ name: 'mu2-sgd', learningRate: 0.01, form: 'published' });
    expect(byzantine.attack).toEqual({ attack: 'little', deviation: 'sample' });
    const own = await sync(
      'optimizer={name: mu2-sgd, form: theory}',
      'byzantine.attack={attack: little, deviation: population}',
    );
    expect(own.optimizer).toMatchObject({ form: 'theory' });
    expect(own.byzantine.attack).toEqual({ attack: 'little', deviation: 'population' });
  });

  test('holds rules to the messages that a quorum leaves them', async () => {
    expect(await sync('quorum=5', 'aggregator=trimmed-mean')).toMatchObject({ quorum: 5 });
    expect(await refused('quorum=4', 'aggregator=trimmed-mean')).toEqual([
      'command line: aggregator=trimmed-mean: invalid trimmed-mean: f = 2 needs 2f < n, but n = 4',
    ]);
    expect(await refused('quorum=10')).toEqual([
      'command line: quorum=10: invalid quorum: 10 (expected at most the 9 workers)',
    ]);
    expect(await refused('quorum=0')).toEqual([
      'command line: quorum=0: invalid quorum: 0 (expected integer >= 1)',
    ]);
  });

  test('refuses what is about arrivals', async () => {
    expect(await refused('byzantine.schedule=interval')).toEqual([
      expect.stringContaining('invalid schedule: interval (in a round every worker sends one message'),
    ]);
    for (const updates of [3, 300]) {
      expect(await refused('arrival={trace: trace.txt}', `updates=${updates}`)).toEqual([
        expect.stringContaining('invalid arrival: a trace (in rounds all workers answer'),
      ]);
    }
  });
});

describe('split', () => {
  const split = async (value: string) => (await load(base, [`split=${value}`])).split;
  const refused = (value: string, ...words: string[]) => problemsOf(base, [`split=${value}`, ...words]);

  test('is written as it was given; iid is none', async () => {
    expect(await split('{dirichlet: 0.5}')).toEqual({ dirichlet: 0.5 });
    expect(await split('{gamma: 1}')).toEqual({ gamma: 1 });
    expect(await split('extreme')).toBe('extreme');
    expect(await load(base, ['split=iid'])).toEqual(await load(base));
  });

  test('is refused where it was made of keys of the command line', async () => {
    expect(await problemsOf(base, ['split.gamma=0.7', 'split.dirichlet=1'])).toEqual([
      expect.stringMatching(/^command line: split.dirichlet=1: invalid split: \{gamma: 0.7, dirichlet: 1\} /),
    ]);
  });

  test('is refused with what it takes', async () => {
    const message = async (...given: [string, ...string[]]) =>
      (await refused(...given)).map((line) => line.replace(/^command line: [^ ]+( [^ ]+\})?: /, ''));
    expect(await message('dirichlet')).toEqual([
      'missing dirichlet: dirichlet needs a number (write split: {dirichlet: number in [0.001, 1000000]})',
    ]);
    expect(await message('{gamma: 2}')).toEqual(['invalid gamma: 2 (expected number in [0, 1])']);
    expect(await message('{extreme: 1}')).toEqual([
      'invalid split: {extreme: 1} (extreme takes no number; write split: extreme)',
    ]);
    expect(await message('dirichlett')).toEqual(['unknown split: dirichlett (did you mean dirichlet?)']);
    expect(await message('[]')).toEqual([
      expect.stringMatching(
        /^invalid split: \[\] \(expected iid \| \{dirichlet: NUMBER\} \| .* extreme.*\)$/,
      ),
    ]);
    expect(await message('extreme', 'dataset={points: points.csv}', 'model=quadratic')).toEqual([
      'invalid split: extreme (needs labels that are classes, and the data have none)',
    ]);
  });
});

describe('a short config', () => {
  test('gets every default', async () => {
    expect(await load(base)).toEqual({
      name: 'x',
      dataset: { name: 'mnist' },
      model: { name: 'cnn-mnist' },
      mode: 'async',
      workers: 5,
      arrival: { process: 'exponential', speed: 'uniform' },
      byzantine: { count: 0, lambda: 0, schedule: 'random', attack: { attack: 'none' } },
      aggregator: { rule: 'cwmed', weighted: true, tie: 'upper', meta: [] },
      optimizer: { name: 'sgd', learningRate: 0.01 },
      batchSize: 16,
      updates: 100,
      evaluate: { every: 100 },
      seeds: [1],
    });
  });

  test.each([
    ['mnist', 'cnn-mnist', 16],
    ['digits', 'cnn-mnist', 16],
    ['cifar10', 'cnn-cifar10', 8],
    ['{points: points.csv}', 'quadratic', 1],
  ])('gets the model and batch size of %s', async (dataset, model, batchSize) => {
    expect(await load(base, [`dataset=${dataset}`])).toMatchObject({ model: { name: model }, batchSize });
  });

  test('gets the parameters of its optimizer', async () => {
    const optimizer = async (value: string) => (await load(base, [`optimizer=${value}`])).optimizer;
    expect(await optimizer('momentum')).toEqual({ name: 'momentum', learningRate: 0.01, beta: 0.9 });
    const fixed = { name: 'mu2-sgd', learningRate: 0.01, form: 'fixed', beta: 0.25, gamma: 0.1 };
    expect(await optimizer('mu2-sgd')).toEqual(fixed);
    const theory = { name: 'mu2-sgd', learningRate: 0.01, form: 'theory' };
    expect(await optimizer('{name: mu2-sgd, form: theory}')).toEqual(theory);
  });

  test('gets λ from the number of Byzantine workers, and rules get theirs from λ', async () => {
    const config = await load(base, ['byzantine.count=2', 'aggregator.meta=[ctma]']);
    expect(config.byzantine.lambda).toBe(0.4);
    expect(config.aggregator.meta).toEqual([{ rule: 'ctma', lambda: 0.4 }]);
    const unweighted = await load(base, [
      'byzantine.count=2',
      'aggregator={rule: cwmed, weighted: false, meta: [ctma]}',
    ]);
    expect(unweighted.aggregator.meta).toEqual([{ rule: 'ctma', f: 2 }]);
  });

  test('evaluates every 150 updates if there are more', async () => {
    expect((await load(base, ['updates=3750'])).evaluate).toEqual({ every: 150 });
  });

  test('is named after its file', async () => {
    expect((await load(base, [], 'mnist-signflip.yml')).name).toBe('mnist-signflip');
    expect((await load(base, [], 'my experiment (2).yaml')).name).toBe('my-experiment-2-');
  });

  test('may leave keys without a value', async () => {
    expect(await load(`${base}seeds:\nbyzantine:\nevaluate: {every: ~}\n`)).toEqual(await load(base));
  });
});

describe('arrival', () => {
  test.each([
    ['uniform', { process: 'exponential', speed: 'uniform' }],
    ['{weights: [1, 2, 3, 4, 5.5]}', { process: 'exponential', speed: [1, 2, 3, 4, 5.5] }],
    ['{process: lognormal, speed: id}', { process: 'lognormal', speed: 'id', sigma: 1 }],
    ['{process: pareto, weights: [1, 1, 1, 1, 1]}', { process: 'pareto', speed: [1, 1, 1, 1, 1], alpha: 2 }],
  ])('%s', async (arrival, resolved) => {
    expect((await load(base, [`arrival=${arrival}`])).arrival).toEqual(resolved);
  });

  test('a trace is found beside the config', async () => {
    const config = await load(base, ['arrival={trace: trace.txt}', 'updates=3']);
    expect(config.arrival).toEqual({ process: 'trace', file: join(folder, 'trace.txt') });
  });
});

describe('initial', () => {
  const points = base.replace('mnist', '{points: points.csv}');
  test.each(['model={name: quadratic, initial: [1, 2]}', 'initial=[1, 2]'])('%s', async (override) => {
    expect(await load(points, [override])).toMatchObject({ model: { name: 'quadratic' }, initial: [1, 2] });
  });
  test('has as many numbers as the model', async () => {
    expect(await problemsOf(`${points}initial: [1, 2, 3]\n`)).toEqual([
      'x.yaml:6:10: invalid initial: 3 numbers (expected d = 2)',
    ]);
  });
});

test('everything that is wrong is reported at once', async () => {
  const source = fileURLToPath(new URL('../golden/bad-config.yaml', import.meta.url));
  const problems = await problemsOf(readFileSync(source, 'utf8'), [
    'optimizer.gama=0.1',
    'updates.every=3',
    'evaluate 10',
    'aggregator.meta.7.lambda=0.1',
  ]);
  await expect(`${problems.join('\n')}\n`).toMatchFileSnapshot('../golden/bad-config.txt');
});

describe('refused with the value, the bound and the place', () => {
  test.each([
    ['byzantine.count=5', 'invalid count: 5 (expected fewer than the 5 workers)'],
    ['byzantine.lambda=0.2', 'invalid lambda: 0.2 (expected 0, as no worker is Byzantine: count is 0)'],
    ['byzantine={count: 1, lambda: 0.5}', 'invalid lambda: 0.5 (expected number in [0, 0.5))'],
    ['byzantine={count: 1, lambda: -0.1}', 'invalid lambda: -0.1 (expected number in [0, 0.5))'],
    [
      'byzantine={count: 3}',
      'missing lambda: 3 of 5 workers are Byzantine; say which fraction of the updates is Byzantine, in [0, 0.5)',
    ],
    [
      'byzantine=3',
      'invalid byzantine: 3 (expected a mapping with count, lambda, schedule, attack, such as {count: 3}; on the command line byzantine.count=3)',
    ],
    // λ may be 0 as well.
    ['byzantine=0', 'invalid byzantine: 0 (expected a mapping with count, lambda, schedule, attack)'],
    [
      'checkpoint=500',
      'invalid checkpoint: 500 (expected a mapping with every, such as {every: 500}; on the command line checkpoint.every=500)',
    ],
    ['checkpoint=often', 'invalid checkpoint: often (expected a mapping with every)'],
    ['byzantine.attack=ipm', 'unknown attack: ipm (did you mean empire?)'],
    ['aggregator=rfa', 'unknown aggregator: rfa (did you mean geometric-median?)'],
    ['aggregator=null', /^missing aggregator: one of .*mean, .*cwmed, /],
    ['aggregator.tie=uper', 'unknown tie: uper (did you mean upper?)'],
    ['aggregator.tie=left', 'invalid tie: left (expected lower | midpoint | upper)'],
    ['aggregator={tie: upper}', /^missing rule: one of .*mean, .*cwmed, /],
    ['aggregator.meta=ctma', 'invalid meta: ctma (expected list of up to 10 entries)'],
    [
      `aggregator.meta=[${Array.from({ length: 11 }, () => 'ctma').join()}]`,
      'invalid meta: 11 entries (expected list of up to 10 entries)',
    ],
    ['aggregator.meta=[{rule: ctma, f: 3}]', 'invalid ctma: f = 3 needs 2f < n, but n = 5'],
    [
      'model=cnn-cifar10',
      /^invalid model: cnn-cifar10 \(needs 32x32x3 .*; mnist fits (?!.*cifar).*cnn-mnist, .*mlp, .*\)$/,
    ],
    ['model={name: mlp, hidden: [10, 0]}', 'invalid hidden[1]: 0 (expected integer in [1, 100000])'],
    [
      'model={name: mlp, hidden: [100000, 100000]}',
      'invalid model: mlp has 10,079,600,010 parameters (at most 1,000,000,000: make it smaller)',
    ],
    ['arrival={weights: [1, 1]}', 'invalid weights: 2 numbers (expected one per worker, 5)'],
    ['arrival={weights: [1, 1, 0, 1, 1]}', 'invalid weights[2]: 0 (expected number > 0)'],
    [
      'arrival={weights: [1e308, 1e308, 1e308, 1, 1]}',
      'invalid weights: their sum is infinite (expected relative speeds, such as 1 and 5)',
    ],
    ['arrival=pareto', 'unknown arrival: pareto (write {process: pareto})'],
    [
      'arrival={trace: nowhere.txt}',
      /^missing trace: nowhere\.txt \(looked for nowhere\.txt and .*nowhere\.txt\)$/,
    ],
    [
      'arrival={trace: trace.txt}',
      'invalid trace: trace.txt:4: the trace ends after 3 arrivals (expected 100, one for each update)',
    ],
    ['dataset={points: nowhere.csv}', /^missing points: nowhere\.csv/],
    ['dataset={points: ragged.csv}', /ragged\.csv:2: 1 columns, expected 2/],
    [
      'dataset=points',
      /^invalid dataset: points \(expected digits \| mnist \| .*cifar10 .*\| \{points: FILE\.csv\} \| \{table: FILE\.csv, label: COLUMN\} \| \{idx: FOLDER\}\)$/,
    ],
    ['optimizer.beta=0.5', 'unknown key: beta (sgd takes learningRate, weightDecay, milestones)'],
    ['optimizer.learningRate=0', 'invalid learningRate: 0 (expected number > 0)'],
    ['optimizer.learningRate=.inf', 'invalid learningRate: Infinity (expected number > 0)'],
    ['optimizer={name: momentum, beta: 1}', 'invalid beta: 1 (expected number in [0, 1))'],
    ['optimizer={name: mu2-sgd, gamma: 0}', 'invalid gamma: 0 (expected number in (0, 1])'],
    ['workers=10001', 'invalid workers: 10001 (expected integer in [1, 10000])'],
    ['workers="5"', 'invalid workers: "5" (expected integer in [1, 10000])'],
    ['mode=synch', 'unknown mode: synch (did you mean sync?)'],
    ['quorum=3', 'invalid key: quorum (mode async takes none; sync and byzsgd do)'],
    ['gradientClip=0', 'invalid gradientClip: 0 (expected number > 0)'],
    ['seeds=[]', 'invalid seeds: [] (expected list of 1 to 1000 integers >= 0)'],
    ['seeds=range(0,1001)', 'invalid seeds: 1,001 entries (expected list of 1 to 1000 integers >= 0)'],
    ['seeds=[1, 2, 1]', 'invalid seeds: [1, 2, 1] (expected different seeds)'],
    ['seeds=[-1]', 'invalid seeds[0]: -1 (expected integer >= 0)'],
    ['updates=*a', 'invalid value: *a (unknown alias: *a, whose anchor must come before it)'],
    ['updates=null', 'missing updates: a config needs one (integer in [1, 1000000000])'],
  ])('%s', async (override, message) => {
    const problems = await problemsOf(base, [override]);
    // A key that is missing altogether has no place of its own.
    const place = problems[0]?.startsWith('x.yaml:1:1: ') ? 'x.yaml:1:1: ' : `command line: ${override}: `;
    expect(problems).toHaveLength(1);
    expect(problems[0].startsWith(place)).toBe(true);
    const found = problems[0].slice(place.length);
    if (message instanceof RegExp) expect(found).toMatch(message);
    else expect(found).toBe(message);
  });

  test('more seeds than there may be, in no time', async () => {
    const before = process.cpuUsage();
    const seeds = [...Array(100_000).keys()].join();
    expect(await problemsOf(`${base}seeds: [${seeds}]\n`)).toEqual([
      'x.yaml:6:8: invalid seeds: 100,000 entries (expected list of 1 to 1000 integers >= 0)',
    ]);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5);
  });

  test('of very many problems the first are shown', async () => {
    const keys = Array.from({ length: 200 }, (_, k) => `  a${k}: [better]\n`).join('');
    const problems = await problemsOf(`${base}thresholds:\n${keys}`);
    expect(problems).toHaveLength(101);
    expect(problems[0]).toMatch(/^x\.yaml:7:3: unknown quantity: a0 /);
    expect(problems.at(-1)).toBe('and 100 more');
    const unknown = await problemsOf(base + keys.replaceAll('  ', ''));
    expect(unknown.at(-1)).toMatch(/ more/);
    expect(unknown.length).toBeLessThan(101);
  });

  test('label flips where there are no labels', async () => {
    const points = base.replace('mnist', '{points: points.csv}');
    expect(await problemsOf(`${points}byzantine: {count: 1, attack: label-flip}\n`)).toEqual([
      'x.yaml:6:31: invalid attack: label-flip (needs labels that are classes, and the data have none)',
    ]);
  });

  test('the bound of a rule, even where the attack is wrong too', async () => {
    const text = base.replace('cwmed', 'trimmed-mean');
    expect(await problemsOf(`${text}byzantine: {count: 3, lambda: 0.3, attack: flip}\n`)).toEqual([
      'x.yaml:3:13: invalid trimmed-mean: f = 3 needs 2f < n, but n = 5',
      expect.stringMatching(/^x\.yaml:6:\d+: unknown attack: flip /),
    ]);
  });

  test('worker ids of a trace', async () => {
    writeFileSync(join(folder, 'ids.txt'), '1\n6\n');
    expect(await problemsOf(`${base}arrival:\n  trace: ids.txt\n`, ['updates=2'])).toEqual([
      'x.yaml:7:10: invalid trace: ids.txt:2: invalid worker: 6 (expected integer in [1, 5])',
    ]);
  });

  test('a key that a new rule does not take', async () => {
    const text = base.replace('cwmed', '{rule: cwmed, tie: lower}');
    expect(await problemsOf(text, ['aggregator.rule=mean'])).toEqual([
      'x.yaml:3:27: unknown key: tie (mean takes weighted, meta)',
    ]);
  });
});

describe('what is no config', () => {
  test.each([
    ['', 'x.yaml:1:1: empty config (expected keys such as dataset and workers)'],
    ['# only a comment\n', 'x.yaml:1:1: empty config (expected keys such as dataset and workers)'],
    ['- 1\n', 'x.yaml:1:1: invalid config: [1] (expected keys such as dataset and workers)'],
  ])('%j', async (text, problem) => {
    expect(await problemsOf(text)).toEqual([problem]);
  });

  test('bad YAML, with its line and column', async () => {
    expect(await problemsOf('dataset: mnist\nworkers: [1, 2\nupdates: 3\n')).toEqual([
      expect.stringMatching(/^x\.yaml:3:1: Flow sequence/),
    ]);
    expect(await problemsOf(`${base}workers: 7\n`)).toEqual(['x.yaml:6:1: Map keys must be unique']);
    expect(await problemsOf(`${base}---\n${base}`)).toEqual([expect.stringContaining('multiple documents')]);
  });

  test('aliases that lead nowhere or grow without end', async () => {
    expect(await problemsOf('dataset: *lost\n')).toEqual([expect.stringContaining('lost')]);
    const levels = Array.from({ length: 12 }, (_, k) => `l${k + 1}: &l${k + 1} [${`*l${k}, `.repeat(9)}]`);
    expect(await problemsOf(`l0: &l0 [1]\n${levels.join('\n')}\n`)).toEqual([
      expect.stringContaining('alias'),
    ]);
  });

  test('a file that is not there, or a folder', async () => {
    await expect(loadConfig(join(folder, 'no.yaml'), [], builtins)).rejects.toThrow(
      /^missing config: .*no\.yaml$/,
    );
    mkdirSync(join(folder, 'sub.yaml'));
    await expect(loadConfig(join(folder, 'sub.yaml'), [], builtins)).rejects.toThrow(
      /^unreadable config: .* \(it is a folder\)$/,
    );
  });
});
