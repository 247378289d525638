import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { check, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AggregatorDefinition } from '../src/aggregators/aggregator.js';
import { StateTree } from '../src/base/state.js';
import { HostVectors } from '../src/compute/vectors/host.js';

/** Follows CONTRIBUTING.md in a copy of the sources: its example to the letter, and one more of every other kind. */

const root = fileURLToPath(new URL('..', import.meta.url));
const guide = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8');
const [, example] = /```ts\n([\s\S]*?)```/.exec(guide)!;
const [, commands] = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block);

let copy: string;
const place = (path: string) => join(copy, path);

/** Runs a command line in the copy. `npx byzsim` would first install the copy in npm's cache. */
async function shell(line: string): Promise<string> {
  const own = line.replace('npx byzsim', 'node bin/byzsim.js');
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|npm_)/.test(name)),
  );
  const { stdout } = await promisify(execFile)('bash', ['-c', own], { cwd: copy, env });
  return stdout;
}

async function edit(path: string, ...changes: readonly [before: string | RegExp, after: string][]) {
  let text = await readFile(place(path), 'utf8');
  for (const [before, after] of changes) {
    const changed = text.replace(before, after);
    expect(changed, `${path} has no ${String(before)}`).not.toBe(text);
    text = changed;
  }
  await writeFile(place(path), text);
}

/** Adds a name to a list in a file, and the import of it. */
const register = (path: string, name: string, from: string, list: string) =>
  edit(
    path,
    [/^/, `import { ${name} } from '${from}';\n`],
    [new RegExp(`(export const ${list}.*= \\[[^\\]]*?),?(\\s*\\])`), `$1, ${name}$2`],
  );

/** The rows of the table: a file in a folder, and its name in a list. */
const rows = [
  ...guide.matchAll(/^\| an? ([\w -]+?) +\| `(src\/[\w/-]+)\/` +\| `(\w+)` in `([\w/.-]+)` +\|$/gm),
].map(([, kind, folder, list, index]) => ({ kind, folder, list, index }));

/** One of each kind, from outside of src/. */
const others: Readonly<Record<string, string>> = {
  'meta-aggregator': 'alternating',
  attack: 'doubling',
  model: 'absolute',
  'data set': 'spiral',
  split: 'round-robin',
  clock: 'metronome',
  optimizer: 'half-sgd',
  mode: 'taking-turns',
};

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'byzsim-contributing-'));
  const parts = [
    'assets',
    'bin',
    'configs',
    'dist',
    'package.json',
    'scripts',
    'src',
    'test',
    'vitest.config.ts',
  ];
  for (const part of [...parts, 'tsconfig.json', 'tsconfig.build.json', '.prettierrc.json'])
    await cp(join(root, part), place(part), { recursive: true });
  await symlink(join(root, 'node_modules'), place('node_modules'));

  await writeFile(place('src/aggregators/norm-filter.ts'), example);
  await register('src/aggregators/index.ts', 'normFilter', './norm-filter.js', 'aggregators');
  for (const [kind, name] of Object.entries(others)) await addOther(kind, name);
}, 60_000);
afterAll(() => rm(copy, { recursive: true }));

async function addOther(kind: string, name: string): Promise<void> {
  const row = rows.find((each) => each.kind === kind)!;
  const text = await readFile(join(root, `test/catalogue/${name}.ts`), 'utf8');
  const from = (path: string) => relative(row.folder, path).replace(/^(?!\.)/, './');
  const moved = text.replaceAll(/'\.\.\/\.\.\/(src\/[^']+)'/g, (_, path: string) => `'${from(path)}'`);
  await writeFile(place(`${row.folder}/${name}.ts`), moved);
  const exported = /export const (\w+)/.exec(text)![1];
  await register(
    row.index,
    exported,
    relative(dirname(row.index), `${row.folder}/${name}.js`).replace(/^(?!\.)/, './'),
    row.list,
  );
}

describe('the worked example', { timeout: 300_000 }, () => {
  test('is written as the rest is', async () => {
    const options = await resolveConfig(join(root, 'src/aggregators/krum.ts'));
    expect(await check(example, { ...options, parser: 'typescript' })).toBe(true);
  });

  test('its commands work as they stand, but for the length of the run', async () => {
    const [build, list, run, aggregate, ...others] = commands.trim().split('\n');
    expect(others).toEqual([]);
    await shell(build);
    expect(await shell(list)).toMatch(/^norm-filter /m);
    expect(await shell(`${run} updates=4 evaluate.every=4`)).toContain('test accuracy');
    expect(JSON.parse(await shell(aggregate))).toEqual([1.5, 1.5]);
  });

  test('computes what it says', async () => {
    const path = place('src/aggregators/norm-filter.ts');
    const { normFilter } = (await import(/* @vite-ignore */ path)) as { normFilter: AggregatorDefinition };
    const vectors = new HostVectors(2, Float64Array);
    const rows = [
      [1, 1],
      [2, 2],
      [90, 0],
    ];
    const messages = vectors.stack(rows.map((row) => vectors.fromHost(row)));
    const context = {
      workers: 3,
      byzantine: 1,
      lambda: 1 / 3,
      weighted: false,
      random: () => 0,
      state: new StateTree(),
    };
    const aggregate = normFilter.create({}, context);
    const result = aggregate(messages, [1, 1, 1], { vectors, f: 1, workers: [1, 2, 3] });
    expect([...vectors.toHost(result)]).toEqual([1.5, 1.5]);
    expect(normFilter.check!({ f: 2 }, context)).toBe('f = 2 needs 2f < n, but n = 3');
  });
});

describe('after one more of every kind', { timeout: 300_000 }, () => {
  test('the tests that ask what configs can name still pass, and hold the new to the properties', async () => {
    const readers = ['test/sweep/config.test.ts', 'test/config/json-schema.test.ts', 'test/cli/list.test.ts'];
    const vitest = 'node node_modules/vitest/vitest.mjs run';
    await shell(`${vitest} ${readers.join(' ')}`);
    // hold.test.ts has by hand what does not hold of a rule by design.
    const holders =
      'test/properties test/compute/compiled/placement-cuda.test.ts --exclude test/properties/hold.test.ts';
    const report = await shell(
      `npx vitest run ${holders} --reporter=json -t 'norm-filter|alternating|absolute'`,
    );
    const { numPassedTests } = JSON.parse(report.slice(report.indexOf('{'))) as { numPassedTests: number };
    expect(numPassedTests).toBeGreaterThanOrEqual(20);
  });

  test('the schema has them, written by the build', async () => {
    const schema = await readFile(place('configs/schema.json'), 'utf8');
    for (const name of ['norm-filter', ...Object.values(others)]) expect(schema).toContain(`"${name}"`);
  });
});
