import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byzsim } from '../support/cli.js';

const golden = fileURLToPath(new URL('../golden/', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-validate-'));
  writeFileSync(
    join(folder, 'good.yaml'),
    'dataset: mnist\nworkers: 5\nbyzantine: {count: 1, attack: empire}\naggregator: cwmed\noptimizer: sgd\nupdates: 9\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a good config', () => {
  test('is summed up in a line', async () => {
    const { status, stdout, stderr } = await byzsim(['validate', 'good.yaml', 'workers=4'], { cwd: folder });
    expect(stdout).toMatch(
      /^good\.yaml is valid: w-cwmed-empire-sgd-[0-9a-f]{8}, 4 workers \(1 Byzantine, λ = 0\.25\), 9 updates of cnn-mnist on mnist, 1 seed\n$/,
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('is summed up with the memory of its messages, where that is much', async () => {
    const many = ['workers=2000', 'byzantine.count=500', 'updates=9000'];
    const { stdout } = await byzsim(['validate', 'good.yaml', ...many], { cwd: folder });
    expect(stdout).toContain('1 seed; messages take up to 1.1 GB, and what cwmed keeps of them 0.1 GB\n');
  });

  test('says that an attack comes in no update', async () => {
    const words = ['byzantine.attack={attack: sleeper, from: 8, as: little}'];
    const soon = await byzsim(['validate', 'good.yaml', ...words], { cwd: folder });
    expect(soon.stdout).toMatch(/1 seed\n$/);
    const late = await byzsim(['validate', 'good.yaml', ...words, 'updates=8'], { cwd: folder });
    expect(late.stdout).toContain(
      '1 seed; no message of 8 updates is an attack: sleeper comes at other times\n',
    );
  });

  test.each([
    [['mode=sync', 'quorum=3', 'byzantine.count=2'], '2 of the 3 messages of a round may be Byzantine'],
    [['mode=sync', 'quorum=2', 'workers=9', 'byzantine.count=4'], '2 of the 2 messages of a round'],
    [['mode=sync', 'byzantine={count: 4, lambda: 0.3}'], '4 of the 5 messages of a round'],
    [
      ['aggregator.weighted=false', 'byzantine={count: 3, lambda: 0.3}'],
      '3 of the 5 messages of an update may be Byzantine',
    ],
    [['mode=sync', 'byzantine.count=2'], undefined],
    [['byzantine={count: 3, lambda: 0.3}'], undefined],
    [['aggregator=fedbuff', 'byzantine={count: 3, lambda: 0.3}'], undefined],
  ])('says that Byzantine workers may be half of what a rule hears: %j', async (words, remark) => {
    const { stdout } = await byzsim(['validate', 'good.yaml', ...words], { cwd: folder });
    if (remark === undefined) expect(stdout).toMatch(/1 seed\n$/);
    else expect(stdout).toContain(`1 seed; ${remark}`);
  });

  test('may have thresholds where its keys are as configs write them', async () => {
    const words = (where: string) => [`thresholds=[{where: ${where}, final.test_accuracy: [mean > 0]}]`];
    for (const where of ['{dataset: mnist}', '{split: iid}', '{arrival: uniform}', '{attack: empire}'])
      expect((await byzsim(['validate', 'good.yaml', ...words(where)], { cwd: folder })).status, where).toBe(
        0,
      );
    const refused = await byzsim(['validate', 'good.yaml', ...words('{dataset.name: mnist}')], {
      cwd: folder,
    });
    expect(refused.stderr).toContain('unknown axis: dataset.name (did you mean dataset?)');
  });

  test('of several servers is summed up with their numbers, quorums and T', async () => {
    const words = ['mode=byzsgd', 'workers=7', 'servers={count: 5, byzantine: 1}', 'gatherEvery=auto'];
    const { stdout } = await byzsim(['validate', 'good.yaml', ...words], { cwd: folder });
    expect(stdout).toContain(
      ', 7 workers (1 Byzantine, λ = 0.142857), 5 servers (1 Byzantine), ' +
        'quorums of 6 gradients and 4 models, T = auto, 9 steps of cnn-mnist on mnist, 1 seed\n',
    );
  });

  test('is printed with every default, and that is a config again', async () => {
    const { stdout } = await byzsim(['validate', '--print', 'good.yaml'], { cwd: folder });
    expect(stdout).toContain('learningRate: 0.01');
    writeFileSync(join(folder, 'printed.yaml'), stdout);
    const again = await byzsim(['validate', '--print', 'printed.yaml'], { cwd: folder });
    expect(again.stdout).toBe(stdout);
  });

  test('is JSON for machines', async () => {
    const { stdout } = await byzsim(['validate', '--json', 'good.yaml', 'seeds=[4]'], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      slug: 'w-cwmed-empire-sgd',
      config: { seeds: [4] },
    });
  });
});

describe('a sweep', () => {
  const matrix = 'matrix: {aggregator: [cwmed, mean], byzantine.attack: [empire, little]}\nseeds: [1, 2]\n';
  beforeAll(() => {
    writeFileSync(join(folder, 'sweep.yaml'), readFileSync(join(folder, 'good.yaml'), 'utf8') + matrix);
  });

  test('is summed up in a line', async () => {
    const { status, stdout } = await byzsim(['validate', 'sweep.yaml', 'workers=4,5'], { cwd: folder });
    expect(stdout).toBe(
      'sweep.yaml is valid: a sweep of 16 runs, 8 experiments that differ in aggregator, byzantine.attack, workers\n',
    );
    expect(status).toBe(0);
  });

  test('is printed as the configs of its experiments', async () => {
    const { stdout } = await byzsim(['validate', 'sweep.yaml', '--print'], { cwd: folder });
    const configs = parseAllDocuments(stdout).map((document) => document.toJS() as Record<string, unknown>);
    expect(configs.map(({ seeds }) => seeds)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(configs[3]).toMatchObject({
      aggregator: { rule: 'mean' },
      byzantine: { attack: { attack: 'little' } },
    });
  });

  test('has all its problems on standard error', async () => {
    const { status, stderr } = await byzsim(['validate', 'sweep.yaml', 'aggregator=cwmed,krun'], {
      cwd: folder,
    });
    expect(stderr).toContain(
      'command line: aggregator=cwmed,krun: unknown aggregator: krun (did you mean krum?)',
    );
    expect(status).toBe(2);
  });
});

describe('a bad config', () => {
  const overrides = ['optimizer.gama=0.1', 'updates.every=3', 'evaluate 10', 'aggregator.meta.7.lambda=0.1'];

  test('has all its problems on standard error', async () => {
    const args = ['validate', 'bad-config.yaml', ...overrides];
    const { status, stdout, stderr } = await byzsim(args, { cwd: golden });
    const problems = readFileSync(join(golden, 'bad-config.txt'), 'utf8').replaceAll(
      'x.yaml',
      'bad-config.yaml',
    );
    const [headline, ...lines] = stderr.split('\n');
    expect(headline).toBe('byzsim: invalid config: bad-config.yaml has 25 problems');
    expect(lines.map((line) => line.trim()).join('\n')).toBe(problems);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test('has them as JSON', async () => {
    const { status, stdout } = await byzsim(['validate', '--json', 'bad-config.yaml', ...overrides], {
      cwd: golden,
    });
    const { valid, problems } = JSON.parse(stdout) as { valid: boolean; problems: object[] };
    expect(valid).toBe(false);
    expect(problems).toHaveLength(25);
    expect(problems[1]).toEqual({
      line: 2,
      column: 1,
      message: 'unknown key: datset (did you mean dataset?)',
    });
    expect(problems[22]).toMatchObject({ override: 'updates.every=3' });
    expect(status).toBe(2);
  });
});

test('a file that is missing', async () => {
  const { status, stderr } = await byzsim(['validate', 'nowhere.yaml'], { cwd: folder });
  expect(stderr).toBe('byzsim: missing config: nowhere.yaml\n');
  expect(status).toBe(2);
});
