import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readStudy } from '../../src/study/study.js';
import { takeLock } from '../../src/results/lock/lock.js';
import { byzsim, type CliOptions } from '../support/cli.js';

/** Several processes start for each sweep, on a machine that may be busy. */
vi.setConfig({ testTimeout: 600_000 });

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-sweep-'));
  file = join(folder, 'grid.yaml');
  writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n-1,0.5\n0,0\n2,2\n');
  writeFileSync(
    file,
    `dataset: {points: points.csv}
workers: 5
byzantine: {count: 2, lambda: 0.3, attack: empire}
arrival: id
aggregator: cwmed
optimizer: {name: mu2-sgd, learningRate: 0.1}
updates: 20
evaluate: {every: 5}
seeds: [1, 2]
matrix:
  byzantine.attack: [empire, sign-flip, zero]
  aggregator.rule: [cwmed, geometric-median]
include:
  - {byzantine.attack: zero, byzantine.lambda: 0.2}
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sweep = (words: string[] = [], out = 'out', options: CliOptions = {}) =>
  byzsim(
    [
      'sweep',
      file,
      '--backend',
      'cpu',
      '--jobs',
      '2',
      '--threads',
      '1',
      '--out',
      join(folder, out),
      ...words,
    ],
    options,
  );

const study = (out = 'out') => join(folder, out, 'grid');
const read = (name: string, out = 'out') => readFileSync(join(study(out), name), 'utf8');

interface Planned {
  id: string;
  status: string;
  path: string;
}

/** The runs as --json has them. */
async function planned(words: string[] = [], out = 'out'): Promise<Planned[]> {
  const { stdout } = await sweep(['-n', '--json', ...words], out);
  return (JSON.parse(stdout) as { runs: Planned[] }).runs;
}

async function statuses(words: string[] = []): Promise<string[]> {
  return (await planned(words)).map(({ status }) => status);
}

/** The process that is writing a run folder, once there is one. */
async function writer(path: string): Promise<number> {
  const lock = join(path, 'running.json');
  for (;;) {
    const text = existsSync(lock) ? readFileSync(lock, 'utf8') : '';
    if (text !== '') return (JSON.parse(text) as { pid: number }).pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a sweep', () => {
  test('in which one run fails and one is killed, resumed, is the bytes of one that was not', async () => {
    const [, failing, , killed] = await planned();
    // The one cannot write its rows; the other waits for a reader of its rows until it is killed.
    mkdirSync(join(failing.path, 'metrics.csv'), { recursive: true });
    mkdirSync(killed.path, { recursive: true });
    execFileSync('mkfifo', [join(killed.path, 'metrics.csv')]);
    const first = sweep();
    process.kill(await writer(killed.path), 'SIGKILL');
    const { status, stdout, stderr } = await first;
    expect(status).toBe(1);
    expect(stdout).toContain('12 runs: 10 done, 2 failed');
    expect(stderr).toContain('byzsim: 2 runs failed: the same command runs what failed again\n');
    expect(stderr).toContain(`  ${failing.id}: cannot write ${join(failing.path, 'metrics.csv')}: `);
    expect(stderr).toMatch(/log\.txt ends:\n {6}engine cpu on cpu .*\n {6}cannot write .*: it is a folder/);
    expect(stderr).toContain(`  ${killed.id}: killed by SIGKILL (out of memory, or by hand)`);
    const marks = ['done', 'failed', 'done', 'failed', ...Array.from({ length: 8 }, () => 'done')];
    expect(await statuses()).toEqual(marks);
    const partial = readStudy([study()]);
    expect(partial.runs).toHaveLength(10);
    expect([...partial.unfinished, ...partial.missing].sort()).toEqual([failing.path, killed.path].sort());
    expect(partial.notes).toContain(
      `${study()}: 2 of 12 runs are missing (2 failed); byzsim sweep runs what is missing`,
    );

    rmSync(join(failing.path, 'metrics.csv'), { recursive: true });
    rmSync(join(killed.path, 'metrics.csv'));
    const second = await sweep();
    expect(second.status).toBe(0);
    expect(second.stderr).toContain('2 of 12 runs to do');
    expect(second.stderr.match(/^started /gm)).toHaveLength(2);
    expect(second.stderr).toMatch(/\[2\/2\] \S+ {2}loss \S+ {2}\d+ s\n/);
    // Of all twelve runs, those done before included.
    expect(second.stderr).toMatch(
      /byzsim: Byzantine workers had up to \S+ % of the weight, more than \D+ in \d+ of 240 aggregations \(\d+ of 12 runs\); .*\n$/,
    );

    expect((await sweep([], 'whole')).status).toBe(0);
    for (const name of ['metrics.csv', 'runs.csv']) expect(read(name), name).toBe(read(name, 'whole'));
    const rows = read('metrics.csv').trimEnd().split('\n');
    expect(rows[0]).toMatch(/^byzantine\.attack,aggregator\.rule,byzantine\.lambda,seed,update,time,/);
    expect(rows).toHaveLength(1 + 12 * 4);
    expect(rows[48]).toMatch(/^zero,geometric-median,0\.2,2,20,/);
  });

  test('finds what byzsim run has done, and writes what it would have', async () => {
    const overrides = ['byzantine.attack=empire', 'seeds=1'];
    writeFileSync(join(folder, 'single.yaml'), readFileSync(file, 'utf8').replace(/matrix:[^]*/, ''));
    const out = ['--out', join(folder, 'out'), '--backend', 'cpu', '--threads', '1'];
    await byzsim(['run', join(folder, 'single.yaml'), 'name=grid', 'seeds=[1]', ...out]);
    expect(await statuses(overrides)).toEqual(['done', 'missing']);
    const { status, stdout, stderr } = await sweep(overrides);
    expect(status).toBe(0);
    expect(stderr.match(/^started /gm)).toHaveLength(1);
    expect(stdout).toMatch(/^attack {2}rule {14}seeds {2}test loss\nempire {2}cwmed {13}1 {6}[\d.]+\n/);

    const [, { path }] = await planned(overrides);
    await byzsim(['run', join(folder, 'single.yaml'), 'aggregator=geometric-median', 'seeds=[1]', ...out]);
    const [slug] = readdirSync(join(folder, 'out', 'single'));
    const alone = join(folder, 'out', 'single', slug, 'seed-1');
    for (const name of ['metrics.csv', 'iterates.csv'])
      expect(readFileSync(join(path, name), 'utf8')).toBe(readFileSync(join(alone, name), 'utf8'));
    expect(readdirSync(join(path, '..')).sort()).toEqual(['seed-1', 'summary.json']);
  });

  test('goes on with a study that came without its run folders, and loses nothing of it', async () => {
    const few = ['byzantine.attack=zero', 'seeds=1'];
    await sweep(few);
    const slim = join(folder, 'slim', 'grid');
    mkdirSync(slim, { recursive: true });
    for (const name of ['runs.csv', 'metrics.csv', 'study.json'])
      copyFileSync(join(study(), name), join(slim, name));
    const rows = () => readStudy([slim]).runs.map(({ hash, seed, rows }) => [hash, seed, rows]);
    const before = rows();
    const more = ['byzantine.attack=zero', 'seeds=1,2'];
    expect((await planned(more, 'slim')).map(({ status }) => status)).toEqual([
      'done',
      'missing',
      'done',
      'missing',
    ]);
    const { stderr } = await sweep(more, 'slim');
    expect(stderr).toContain(`made the folders of 2 runs from ${join(slim, 'study.json')}`);
    expect(stderr).toContain('2 of 4 runs to do');
    await sweep(more);
    for (const name of ['runs.csv', 'metrics.csv']) expect(read(name, 'slim')).toBe(read(name));

    await sweep(['byzantine.attack=zero', 'seeds=3'], 'slim');
    expect(rows()).toEqual(expect.arrayContaining(before));
    expect(rows()).toHaveLength(6);
  });

  test('keeps runs that diverged as results', async () => {
    const words = [
      'optimizer.learningRate=0.1,1e300',
      'byzantine.attack=sign-flip',
      'aggregator.rule=cwmed',
      'seeds=1',
    ];
    const { status, stderr } = await sweep(words);
    expect(status).toBe(1);
    expect(stderr).toMatch(/byzsim: 1 run ended early\n {2}\S+-seed-1: .*\n/);
    const again = await sweep(words);
    expect(again.status).toBe(1);
    expect(again.stderr).not.toContain('started');
    expect(await statuses(words)).toEqual(['done', 'diverged']);
    expect(read('runs.csv')).toMatch(/,1,diverged,/);
  });

  test('with --check holds what it ran to the thresholds of the file', async () => {
    const words = ['byzantine.attack=empire', 'seeds=1', '--check'];
    const without = await sweep(words);
    expect(without).toMatchObject({ status: 2, stdout: '' });
    expect(without.stderr).toMatch(/^byzsim: missing thresholds: .*grid\.yaml has none/);

    appendFileSync(file, "thresholds: {final.test_loss: ['mean <= 100', 'mean <= 0']}\n");
    const { status, stdout } = await sweep(words);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✓ .*mean <= 100/m);
    expect(stdout).toMatch(/^✗ .*mean <= 0/m);
    const json = JSON.parse((await sweep([...words, '--json'])).stdout) as {
      runs: unknown[];
      check: { met: boolean };
    };
    expect(json.check.met).toBe(false);
    expect(json.runs).toHaveLength(2);
  });

  test('says once that its engine does not load, and runs nothing', async () => {
    const { status, stderr } = await sweep(['--backend', 'onnx', '--device', 'cuda']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^byzsim: unavailable engine: onnx on cuda does not load: .*\n$/);
    expect(await statuses()).not.toContain('failed');
  });

  test('waits for what another process is running, and does what it leaves undone', async () => {
    const words = ['byzantine.attack=empire', 'seeds=1'];
    const [busy] = await planned(words);
    mkdirSync(busy.path, { recursive: true });
    const lock = takeLock(join(busy.path, 'running.json'), 'the run');
    let waited = false;
    try {
      expect(await statuses(words)).toEqual(['running', 'missing']);
      const { status, stdout, stderr } = await sweep(words, 'out', {
        onStderr(text) {
          if (waited || !text.includes('waiting for')) return undefined;
          waited = true;
          expect(readdirSync(busy.path)).toEqual(['running.json']);
          expect(read('runs.csv')).toMatch(/,missing,/);
          lock.release();
        },
      });
      expect(status).toBe(0);
      expect(stdout).toContain('2 runs: 2 done');
      expect(stderr).toContain(
        `waiting for a run of other processes\n  ${busy.id}: process ${process.pid} on ${hostname()}\n`,
      );
    } finally {
      lock.release();
    }
  });

  test('beside another of the same study: each run once, both end well, and the tables are whole', async () => {
    const words = ['byzantine.attack=empire', '--jobs', '1'];
    const both = await Promise.all([sweep(words), sweep(words)]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    for (const { stdout } of both) expect(stdout).toContain('4 runs: 4 done');
    // On a busy machine one may begin when the other has ended.
    for (const { stderr } of both)
      if (stderr.includes('waiting for')) expect(stderr).toMatch(/\d of 4 runs were done by other processes/);
    expect((await sweep(words, 'alone')).status).toBe(0);
    for (const name of ['metrics.csv', 'runs.csv']) expect(read(name), name).toBe(read(name, 'alone'));
    expect(readStudy([study()])).toMatchObject({ notes: [], damaged: [], missing: [] });
    expect(readdirSync(study()).filter((name) => name.includes('writing'))).toEqual([]);
  });

  test('names a run whose files are damaged, and runs it again', async () => {
    const words = ['byzantine.attack=empire', 'seeds=1'];
    await sweep(words);
    const before = read('metrics.csv');
    const [{ id, path }] = await planned(words);
    appendFileSync(join(path, 'metrics.csv'), '25,1\n');
    const planning = await sweep(['-n', ...words]);
    expect(planning.stdout).toMatch(/^invalid +empire/m);
    const said = `byzsim: 1 run does not count and is run again\n  ${id}: metrics.csv: line 6: 2 cells (9 expected)\n`;
    expect(planning.stderr).toBe(said);
    const { status, stderr } = await sweep([...words, '--quiet']);
    expect([status, stderr]).toEqual([0, said]);
    expect(read('metrics.csv')).toBe(before);
  });
});

describe('an end before the end', () => {
  // Two short runs, then two that no one waits for.
  const words = [
    'byzantine.attack=empire',
    'aggregator.rule=cwmed',
    'updates=20,100000000',
    'evaluate.every=10000',
  ];

  test('by SIGKILL loses the runs in flight alone', async () => {
    const [, , third, fourth] = await planned(words);
    let pid = 0;
    const sweeping = sweep(words, 'out', { onStart: (started) => (pid = started) });
    const pids = await Promise.all([third, fourth].map(({ path }) => writer(path)));
    process.kill(pid, 'SIGKILL');
    const { signal } = await sweeping;
    expect(signal).toBe('SIGKILL');
    await Promise.all(pids.map(gone));
    expect(await statuses(words)).toEqual(['done', 'done', 'interrupted', 'interrupted']);
    expect(readStudy([study()]).runs).toHaveLength(2);
  });

  test.each([
    ['Ctrl-C', 'SIGINT', 130],
    ['a connection that is closed', 'SIGHUP', 129],
  ] as const)('by %s says what is kept and how to go on', async (_, signal, expected) => {
    const [, , third] = await planned(words);
    let pid = 0;
    const sweeping = sweep(words, 'out', { onStart: (started) => (pid = started) });
    const running = await writer(third.path);
    process.kill(pid, signal);
    const { status, stdout, stderr } = await sweeping;
    await gone(running);
    expect(status).toBe(expected);
    expect(stdout).toBe('');
    // The third began when the first or the second was done; the other may still have been in flight.
    const states = await statuses(words);
    const done = states.filter((state) => state === 'done').length;
    expect(done).toBeGreaterThan(0);
    expect(states[2]).toBe('interrupted');
    expect(
      stderr.endsWith(
        `byzsim: interrupted by ${signal}; ${done} of 4 runs are done and kept, the same command goes on\n`,
      ),
    ).toBe(true);
    expect(read('runs.csv')).toMatch(/,done,/);
  });
});

describe('-n', () => {
  test('prints the runs and computes nothing', async () => {
    const { status, stdout, stderr } = await sweep(['-n', 'seeds=1', 'aggregator.rule=cwmed']);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.replaceAll(/[0-9a-f]{8}-/g, 'HASH-').replace(folder, '')).toBe(
      `state    attack     rule   lambda  seed  id
missing  empire     cwmed  0.3     1     w-cwmed-empire-mu2-sgd-HASH-seed-1
missing  sign-flip  cwmed  0.3     1     w-cwmed-sign-flip-mu2-sgd-HASH-seed-1
missing  zero       cwmed  0.2     1     w-cwmed-zero-mu2-sgd-HASH-seed-1
3 runs: 3 missing in /out/grid
`,
    );
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  test('refuses a bad sweep as a whole', async () => {
    const { status, stdout, stderr } = await sweep(['-n', 'aggregator.rule=cwmed,krun', 'updates=0']);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('unknown aggregator: krun (did you mean krum?)');
    expect(stderr).toContain('invalid updates: 0');
  });

  test('refuses run folders of another layout', async () => {
    const [{ path }] = await planned();
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'summary.json'), '{"schema": 0}');
    const { status, stderr } = await sweep(['-n']);
    expect(status).toBe(2);
    expect(stderr).toContain(`${path} was written in layout 0, this byzsim reads 1`);
  });
});

describe('the scripts', () => {
  const script = (name: string, ...words: string[]) =>
    spawnSync('bash', [fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url)), ...words], {
      encoding: 'utf8',
      env: { ...process.env, OUT: join(folder, 'out') },
    });

  test('sweep-rules.sh draws a heatmap', () => {
    const words = ['seeds=1', 'aggregator=cwmed', 'byzantine.attack=sign-flip', 'updates=2'];
    const { status, stdout } = script('sweep-rules.sh', ...words, '--quiet');
    expect(stdout).toContain('1 run: 1 done');
    expect(existsSync(join(folder, 'out', 'rules', 'heatmap.svg'))).toBe(true);
    expect(status).toBe(0);
  });

  test('sweep-retry.sh tries what failed again, and no more than that', async () => {
    const words = ['byzantine.attack=empire', 'seeds=1', '--backend', 'cpu', '--out', join(folder, 'out')];
    const [failing] = await planned(words);
    mkdirSync(join(failing.path, 'metrics.csv'), { recursive: true });
    const { status, stderr } = script('sweep-retry.sh', file, ...words);
    expect(stderr.match(/^\d of 2 runs to do/gm)).toEqual([
      '2 of 2 runs to do',
      '1 of 2 runs to do',
      '1 of 2 runs to do',
    ]);
    expect(status).toBe(1);
    expect(script('sweep-retry.sh', file, 'workers=0').status).toBe(2);
  });
});
