import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'byzsim-library-'));
mkdirSync(join(folder, 'node_modules'));
symlinkSync(
  fileURLToPath(new URL('../..', import.meta.url)),
  join(folder, 'node_modules/byzsim'),
  'junction',
);
afterAll(() => rmSync(folder, { recursive: true }));

/** What a program of a user's, in a folder where byzsim is installed, writes as JSON. */
async function program(source: string): Promise<unknown> {
  const head = `import { aggregate, readStudy, run, sweep } from 'byzsim';
const experiment = { name: 'small', dataset: 'digits', model: 'logistic', workers: 5, aggregator: 'cwmed',
  byzantine: { count: 1, attack: 'sign-flip' }, optimizer: 'sgd', updates: 8, evaluate: { every: 4 }, seeds: [1, 2] };
const answer = (value) => process.stdout.write(JSON.stringify(value));
`;
  writeFileSync(join(folder, 'program.mjs'), head + source);
  const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder });
  return JSON.parse(stdout);
}

describe('a program that imports byzsim', () => {
  test('runs an experiment, and reads it where it is done', async () => {
    const source = `const notes = [], seen = [];
const first = await run(experiment, { onRow: ({ update }, seed) => seen.push([seed, update]) });
const again = await run(experiment, { onNote: (text) => notes.push(text) });
answer({ seen, notes, seeds: first.map(({ seed }) => seed), same: JSON.stringify(first) === JSON.stringify(again),
  read: readStudy(['results']).runs.map(({ rows }) => rows.map(({ update }) => update)) });`;
    expect(await program(source)).toEqual({
      seen: [
        [1, 4],
        [1, 8],
        [2, 4],
        [2, 8],
      ],
      notes: ['seed 1: done already (--force runs it again)', 'seed 2: done already (--force runs it again)'],
      seeds: [1, 2],
      same: true,
      read: [
        [4, 8],
        [4, 8],
      ],
    });
  });

  test('sweeps, and takes modules', async () => {
    writeFileSync(
      join(folder, 'mine.js'),
      `import { defineAggregator, shares } from 'byzsim';
export default defineAggregator({ name: 'mine', summary: 'mean', weighted: true, parameters: {},
  create: () => (messages, weights) => messages.combine(shares(weights)) });`,
    );
    const source = `const { runs } = await sweep({ ...experiment, name: 'rules', seeds: [1],
  matrix: { aggregator: ['mean', { module: 'mine.js' }] } }, { jobs: 2, threads: 1 });
answer(Object.fromEntries(runs.map(({ axes, rows }) => [axes.get('aggregator.rule'), rows.at(-1).test_loss])));`;
    const { mean, mine } = (await program(source)) as Record<string, number>;
    expect(mine).toBeCloseTo(mean, 6);
  });

  test('is told where a module is not the one any more that it imported', async () => {
    writeFileSync(join(folder, 'kept.js'), '');
    const source = `import { writeFileSync } from 'node:fs';
const rule = (share) => writeFileSync('kept.js', \`import { defineAggregator } from 'byzsim';
export default defineAggregator({ name: 'kept', summary: 'a part of the first', weighted: false, parameters: {},
  create: () => (messages) => messages.combine([\${share}, 0]) });\`);
const once = () => aggregate({ aggregator: { module: 'kept.js' }, vectors: [[4], [8]] });
rule(0.5);
const first = [...await once()];
rule(0.25);
await once().catch(({ message }) => answer({ first, message }));`;
    expect(await program(source)).toEqual({
      first: [2],
      message: `changed module: ${join(folder, 'kept.js')} is not as it was when it was imported; start the program again`,
    });
  });

  test('aggregates', async () => {
    const source = `answer([...await aggregate({ aggregator: 'cwmed', vectors: [[1, 5], [2, 6], [9, 9]] })]);`;
    expect(await program(source)).toEqual([2, 6]);
    const typed = `const first = await aggregate({ aggregator: 'mean', vectors: [[1, 5], [3, 6]] });
answer([...await aggregate({ aggregator: 'cwmed', vectors: [first, [2, 6]], weights: new Float32Array([3, 1]) })]);`;
    expect(await program(typed)).toEqual([2, 5.5]);
  });

  test('has its process.exit back where several modules were imported at once', async () => {
    for (const [name, wait] of [
      ['quick', 50],
      ['slow', 200],
    ] as const)
      writeFileSync(
        join(folder, `${name}.js`),
        `import { defineAggregator } from 'byzsim';
await new Promise((resolve) => setTimeout(resolve, ${wait}));
export default defineAggregator({ name: '${name}', summary: '${name}', weighted: true, parameters: {},
  create: () => (messages, weights) => messages.row(0) });`,
      );
    const source = `const { exit } = process;
const made = await Promise.all(['quick.js', 'slow.js'].map((module) => aggregate({ aggregator: { module }, vectors: [[3]] })));
answer([made.map(([number]) => number), process.exit === exit]);`;
    expect(await program(source)).toEqual([[3, 3], true]);
  });

  test('is told where a module fails', async () => {
    writeFileSync(
      join(folder, 'fails.js'),
      `import { defineAggregator } from 'byzsim';
export default defineAggregator({ name: 'fails', summary: 'fails', weighted: true, parameters: {},
  create() { throw new Error('not today'); } });`,
    );
    const source = `const said = [], aggregator = { module: 'fails.js' };
for (const call of [() => run({ ...experiment, aggregator }), () => aggregate({ aggregator, vectors: [[1]] })])
  await call().catch(({ name, message }) => said.push(name + ': ' + message));
answer(said);`;
    const place = `${join(folder, 'fails.js')}:3:20`;
    expect(await program(source)).toEqual(
      Array(2).fill(`UserError: failed module: ${place}: Error: not today`),
    );
  });

  test('is told what is wrong with an experiment, by line', async () => {
    const source = `await run({ agregator: 3, ...experiment }).catch(({ name, problems }) => answer({ name, problems }));`;
    expect(await program(source)).toEqual({
      name: 'UserError',
      problems: [{ line: 1, column: 1, message: 'unknown key: agregator (did you mean aggregator?)' }],
    });
  });

  test('is stopped by its signal', async () => {
    const source = `const controller = new AbortController();
await run({ ...experiment, name: 'stopped', updates: 100000, evaluate: { every: 50000 } }, { signal: controller.signal,
  onNote: () => setTimeout(() => controller.abort(new Error('enough')), 200) }).catch(({ message }) => answer(message));`;
    expect(await program(source)).toBe('enough');
  });

  test('gets back the runs of its sweep, not others of the same name', async () => {
    const source = `await run({ ...experiment, name: 'shared' });
const { runs } = await sweep({ ...experiment, name: 'shared', seeds: [3], updates: 4 }, { jobs: 1 });
answer(runs.map(({ seed, rows }) => [seed, rows.at(-1).update]));`;
    expect(await program(source)).toEqual([[3, 4]]);
  });

  test('is told which argument is wrong', async () => {
    const source = `const said = [];
for (const call of [() => run(null), () => run(experiment, { backend: 'foo' }), () => run(experiment, { threads: -1 }),
  () => sweep(experiment, { jobs: 0 }), () => sweep(experiment, { thread: 1 }), () => run(experiment, 3),
  async () => readStudy('results')])
  await call().catch(({ name, message }) => said.push(name + ': ' + message));
answer(said);`;
    expect(await program(source)).toEqual([
      'UserError: invalid config: null (expected the path of a YAML file, or what one holds)',
      expect.stringContaining('UserError: invalid backend: foo (expected '),
      'UserError: invalid threads: -1 (expected integer >= 1)',
      'UserError: invalid jobs: 0 (expected integer >= 1)',
      'UserError: unknown key: thread (did you mean threads?)',
      'UserError: invalid options: 3 (expected an object such as {threads: 1})',
      'UserError: invalid paths: results (expected an array of folders)',
    ]);
  });
});
