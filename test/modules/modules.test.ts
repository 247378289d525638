import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { required } from '../compute/engines/describe.js';
import { byzsim } from '../support/cli.js';
import { folderWith, medianOfMeans, ofEveryKind } from './files.js';

/** What models of one's own run on; TensorFlow where it has to load. */
const engines = ['onnx', 'wasm', 'cpu'];

const folder = folderWith(ofEveryKind);
afterAll(() => rmSync(folder, { recursive: true }));

const run = (args: readonly string[], cwd = folder) => byzsim(args, { cwd });
const hashIn = async (cwd: string, config = 'all.yaml') =>
  (JSON.parse((await run(['validate', config, '--json'], cwd)).stdout) as { hash: string }).hash;

describe('a config with a module of every kind', () => {
  interface Summary {
    path: string;
    runs: { path: string }[];
  }
  let one: Summary;

  beforeAll(async () => {
    const result = await run(['run', 'all.yaml', '--threads', '1', '--quiet', '--json', '--out', 'one']);
    expect(result.stderr).toBe('');
    one = JSON.parse(result.stdout) as Summary;
  });

  test('is named after what they define', () => {
    expect(one.path).toContain('median-of-means+centered-mean-growing-half-plain');
  });

  test('has the same curves in threads', async () => {
    const result = await run(['run', 'all.yaml', '--threads', '2', '--quiet', '--json', '--out', 'two']);
    const two = JSON.parse(result.stdout) as Summary;
    const metrics = ({ runs: [{ path }] }: Summary) =>
      readFileSync(join(folder, path, 'metrics.csv'), 'utf8');
    expect(metrics(two)).toBe(metrics(one));
    expect(metrics(one).split('\n')).toHaveLength(5);
  });

  test.each([
    ...engines,
    ...required.map((name) => name.split(':')[0]).filter((name) => name === 'tensorflow'),
  ])('has the same curves on %s, to rounding', async (backend) => {
    const args = ['run', 'all.yaml', '--backend', backend, '--quiet', '--json', '--out', backend];
    const { stdout } = await run(args);
    const losses = ({ runs: [{ path }] }: Summary) => {
      const [header, ...rows] = readFileSync(join(folder, path, 'metrics.csv'), 'utf8')
        .trim()
        .split('\n');
      const column = header.split(',').indexOf('test_loss');
      return rows.map((row) => Number(row.split(',')[column]));
    };
    for (const [k, loss] of losses(JSON.parse(stdout) as Summary).entries())
      expect(Math.abs(loss / losses(one)[k] - 1)).toBeLessThan(1e-4);
  });

  test('says in meta.json what each was made of', () => {
    const meta = readFileSync(join(folder, one.runs[0].path, 'meta.json'), 'utf8');
    const { modules_sha256: sums } = JSON.parse(meta) as { modules_sha256: Record<string, string> };
    expect(
      Object.keys(sums)
        .map((file) => file.slice(folder.length + 1))
        .toSorted(),
    ).toEqual([
      'attack.ts',
      'clock.js',
      'median-of-means.js',
      'meta.mjs',
      'model.ts',
      'optimizer.js',
      'server-attack.js',
    ]);
  });

  test('runs again from its resolved config, as the same experiment', async () => {
    const config = join(one.runs[0].path, 'config.yaml');
    const result = await run(['run', config, '--quiet', '--json', '--out', 'one']);
    expect(result.status).toBe(0);
    expect((JSON.parse(result.stdout) as Summary).path).toBe(one.path);
  });

  test('is read, reported and drawn where the modules are gone', async () => {
    const elsewhere = folderWith({});
    cpSync(join(folder, 'one'), join(elsewhere, 'one'), { recursive: true });
    for (const args of [
      ['report', 'one/all'],
      ['plot', 'one/all', '--out', 'figure.svg'],
      ['check', 'one/all', '--threshold', '{final.test_loss: ["mean <= 100"]}'],
      ['export', 'one/all', '--to', 'csv'],
    ])
      expect(await run(args, elsewhere)).toMatchObject({ status: 0 });
    rmSync(elsewhere, { recursive: true });
  });
});

describe('the hash of a config with a module', () => {
  const config = {
    'c.yaml': `dataset: digits
workers: 9
aggregator: {module: ./median-of-means.js}
optimizer: sgd
updates: 9
`,
  };

  test('is that of what the files hold, wherever they lie', async () => {
    const [here, there] = [folderWith({ ...medianOfMeans, ...config }), folderWith({})];
    mkdirSync(join(there, 'below'));
    cpSync(here, join(there, 'below'), { recursive: true });
    const before = await hashIn(here, 'c.yaml');
    expect(await hashIn(there, 'below/c.yaml')).toBe(before);
    writeFileSync(join(here, 'groups.js'), `${medianOfMeans['groups.js']}\n// another`);
    expect(await hashIn(here, 'c.yaml')).not.toBe(before);
    rmSync(here, { recursive: true });
    rmSync(there, { recursive: true });
  });
});

describe('a sweep over modules', () => {
  test('runs each in its own process, and goes by their paths', async () => {
    const result = await run([
      ...['sweep', 'all.yaml', 'mode=async', 'servers=null', 'network=null', 'gatherEvery=null'],
      ...[
        'aggregator=cwmed,{module: ./median-of-means.js}',
        'updates=4',
        'evaluate.every=2',
        '--out',
        'sweep',
      ],
    ]);
    expect(result.stdout).toContain('2 runs: 2 done');
    expect(result.stdout).toContain('median-of-means');
  });
});

test('list and schema know what --with names', async () => {
  const list = await run(['list', 'aggregators', '--with', 'median-of-means.js']);
  expect(list.stdout).toMatch(/^median-of-means +median of the means of groups$/m);
  const schema = await run(['schema', '--with', 'median-of-means.js']);
  expect(schema.stdout).toContain('median of the means of groups');
});

test('aggregate takes a module in a request', async () => {
  const request = { aggregator: { module: 'median-of-means.js', groups: 2 }, vectors: [[1], [2], [3], [4]] };
  const result = await byzsim(['aggregate'], { cwd: folder, input: JSON.stringify(request) });
  expect(result).toMatchObject({ stdout: '[2.5]\n', stderr: '', status: 0 });
});

test('a package.json beside it may call everything else CommonJS', async () => {
  const cwd = folderWith({
    ...medianOfMeans,
    'package.json': '{"type": "commonjs"}',
    'c.yaml':
      'dataset: digits\nworkers: 5\noptimizer: sgd\nupdates: 2\naggregator: {module: median-of-means.js}\n',
  });
  const { status, stderr } = await run(['validate', 'c.yaml'], cwd);
  rmSync(cwd, { recursive: true });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('an attack that goes by the update may be a module, and what it carries out another', async () => {
  writeFileSync(
    join(folder, 'odd.js'),
    `import { defineAttack, scheduledKeys } from 'byzsim';
export default defineAttack({
  name: 'odd',
  summary: 'attacks in every other update',
  parameters: { ...scheduledKeys },
  kind: 'scheduled',
  create: () => (update) => update % 2 === 1,
});
`,
  );
  writeFileSync(
    join(folder, 'counting.js'),
    `import { defineAttack } from 'byzsim';
export default defineAttack({
  name: 'counting',
  summary: 'so many times the first honest message as there were updates',
  parameters: {},
  kind: 'omniscient',
  create: () => ({ honest, update, vectors }) => vectors.combine([update], [honest.row(0)]),
});
`,
  );
  const attack = { module: 'odd.js', as: { module: 'counting.js' } };
  const requests = [7, 8].map((update) => JSON.stringify({ attack, honest: [[2], [4]], update }));
  const result = await byzsim(['attack'], { cwd: folder, input: requests.join('\n') });
  expect(result).toMatchObject({ stdout: '[14]\n[3]\n', stderr: '', status: 0 });
});
