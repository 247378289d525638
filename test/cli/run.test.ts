import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cifar10Batch, unbalanced, writeCifar10, writeCifar10File } from '../support/cifar10.js';
import { byzsim } from '../support/cli.js';

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-run-'));
  config = join(folder, 'small.yaml');
  writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n-1,0.5\n0,0\n2,2\n');
  writeFileSync(
    config,
    `dataset: {points: points.csv}
workers: 5
byzantine: {count: 2, lambda: 0.3, attack: empire}
arrival: id
aggregator: {rule: cwmed, meta: [ctma]}
optimizer: {name: mu2-sgd, learningRate: 0.1}
updates: 20
evaluate: {every: 5}
seeds: [1]
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) =>
  byzsim(['run', config, '--backend', 'cpu', '--threads', '1', '--out', join(folder, 'out'), ...args]);

/** The folder of the only experiment. */
function experiment(): string {
  const [slug] = readdirSync(join(folder, 'out', 'small'));
  return join(folder, 'out', 'small', slug);
}

describe('a run', () => {
  test('writes its folder and says where', async () => {
    const { status, stdout, stderr } = await run();
    expect(stderr).toMatch(/update 5\/20 .* left/);
    expect(status).toBe(0);
    const seed = join(experiment(), 'seed-1');
    expect(readdirSync(seed).sort()).toEqual([
      'config.yaml',
      'iterates.csv',
      'meta.json',
      'metrics.csv',
      'summary.json',
      'timing.csv',
    ]);
    expect(stdout).toContain(join(seed, 'metrics.csv'));
    const rows = readFileSync(join(seed, 'metrics.csv'), 'utf8').trimEnd().split('\n');
    expect(rows[0]).toBe(
      'update,time,epoch,train_loss,test_loss,test_accuracy,byzantine_share,staleness_mean,staleness_max',
    );
    expect(rows.slice(1).map((row) => row.split(',')[0])).toEqual(['5', '10', '15', '20']);
    const meta = JSON.parse(readFileSync(join(seed, 'meta.json'), 'utf8')) as Record<string, unknown>;
    expect(meta).toMatchObject({ seed: 1, node: process.version, engine: { backend: 'cpu', threads: 1 } });
  });

  test('is the same bytes twice, and other bytes with another seed', async () => {
    await run();
    const metrics = () => readFileSync(join(experiment(), 'seed-1', 'metrics.csv'), 'utf8');
    const first = metrics();
    expect((await run('--force')).status).toBe(0);
    expect(metrics()).toBe(first);
    await run('seeds=[2]');
    expect(readFileSync(join(experiment(), 'seed-2', 'metrics.csv'), 'utf8')).not.toBe(first);
  });

  test('done already: says so and where, and computes nothing', async () => {
    await run();
    const { status, stdout, stderr } = await run();
    expect(status).toBe(0);
    expect(stderr).toContain('seed 1: done already (--force runs it again)');
    expect(stdout).toContain(join(experiment(), 'seed-1', 'metrics.csv'));
    expect(stderr).not.toContain('update');
  });

  test('its config.yaml runs again, into the same folder', async () => {
    await run();
    const again = join(experiment(), 'seed-1', 'config.yaml');
    const { stderr } = await byzsim(['run', again, '--out', join(folder, 'out')]);
    expect(stderr).toContain('seed 1: done already');
  });

  test('several seeds: a folder each and a summary over seeds', async () => {
    const { status, stdout } = await run('seeds=[1,2,3]', '--quiet', '--json');
    expect(status).toBe(0);
    const summary = JSON.parse(stdout) as {
      final: { test_loss: { mean: number; deviation: number } };
      runs: { final: { test_loss: number } }[];
    };
    const losses = summary.runs.map((entry) => entry.final.test_loss);
    const mean = (losses[0] + losses[1] + losses[2]) / 3;
    expect(summary.final.test_loss.mean).toBeCloseTo(mean, 12);
    const variance = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / 2;
    expect(summary.final.test_loss.deviation).toBeCloseTo(Math.sqrt(variance), 12);
    expect(readdirSync(experiment()).sort()).toEqual(['seed-1', 'seed-2', 'seed-3', 'summary.json']);
  });

  test('says how often Byzantine workers weighed more than the rule was told', async () => {
    // Two of five are Byzantine, ids 4 and 5, and their share is 2/6, 2/7, 2/8, 3/9, 3/10.
    writeFileSync(join(folder, 'trace.txt'), '1\n1\n2\n4\n3\n');
    const { status, stderr } = await run('arrival={trace: trace.txt}', 'updates=5');
    expect(status).toBe(0);
    const file = join(experiment(), 'seed-1', 'summary.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      byzantine_weight: { lambda: 0.3, exceeded: 2, of: 5, largest: 1 / 3 },
    });
    const warning =
      'byzsim: Byzantine workers had up to 33.33 % of the weight, more than λ = 0.3 in 2 of 5 aggregations; ' +
      'docs/config.md says which lambda to give\n';
    expect(stderr.endsWith(warning)).toBe(true);
    const again = await run('arrival={trace: trace.txt}', 'updates=5');
    expect(again.stderr.endsWith(warning)).toBe(true);
    const told = await run('arrival={trace: trace.txt}', 'updates=5', 'aggregator.meta.0.lambda=0.34');
    expect(told.stderr).not.toContain('weight');
  });

  test('--quiet prints nothing but the result', async () => {
    const { stderr, stdout } = await run('--quiet');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^seed 1 {2}test loss /);
  });
});

describe('a run that was done and is damaged', () => {
  test.each<[string, (seed: string) => void, string]>([
    [
      'metrics.csv is cut',
      (seed) => truncateSync(join(seed, 'metrics.csv'), 200),
      'metrics.csv: its last line is cut short',
    ],
    ['iterates.csv is gone', (seed) => rmSync(join(seed, 'iterates.csv')), 'iterates.csv is missing'],
    [
      'summary.json is empty',
      (seed) => truncateSync(join(seed, 'summary.json')),
      'summary.json: it is empty',
    ],
  ])('is named and run again where %s', async (_, damage, reason) => {
    await run();
    const seed = join(experiment(), 'seed-1');
    const read = () => ['metrics.csv', 'iterates.csv'].map((name) => readFileSync(join(seed, name), 'utf8'));
    const whole = read();
    damage(seed);
    const { status, stdout, stderr } = await run('--quiet');
    expect(status).toBe(0);
    expect(stderr).toBe(`byzsim: seed 1: ${reason}: it is run again\n`);
    expect(stdout).toMatch(/^seed 1 {2}test loss /);
    expect(read()).toEqual(whole);
    expect((await run()).stderr).toContain('seed 1: done already');
  });

  test('is not taken for that of another config', async () => {
    await run('seeds=[1,2]');
    const [one, two] = ['seed-1', 'seed-2'].map((name) => join(experiment(), name));
    rmSync(two, { recursive: true });
    cpSync(one, two, { recursive: true });
    const { status, stderr } = await run('seeds=[1,2]', '--quiet');
    expect([status, stderr]).toEqual([0, 'byzsim: seed 2: its files are of seed 1: it is run again\n']);
    expect(readFileSync(join(two, 'config.yaml'), 'utf8')).toContain('seeds:\n  - 2\n');
  });
});

describe('a run that was done on other data', { timeout: 120_000 }, () => {
  test('is named and run again, by run and by sweep', async () => {
    writeCifar10(folder);
    const words = ['dataset=cifar10', 'model=logistic', 'aggregator=mean', 'updates=1', 'batchSize=1'];
    const flags = ['--backend', 'cpu', '--threads', '1', '--out', join(folder, 'out'), '--quiet'];
    const again = (command: string) =>
      byzsim([command, config, ...words, ...flags], { env: { BYZSIM_DATA_DIR: folder } });
    expect(await again('run')).toMatchObject({ status: 0, stderr: '' });

    writeCifar10File(folder, 'data_batch_3.bin', cifar10Batch(unbalanced, 77));
    expect(await again('run')).toMatchObject({
      status: 0,
      stderr: 'byzsim: seed 1: data_batch_3.bin is not the file that it was computed on: it is run again\n',
    });

    writeCifar10File(folder, 'data_batch_1.bin', cifar10Batch(unbalanced, 78));
    writeCifar10File(folder, 'data_batch_2.bin', cifar10Batch(unbalanced, 79));
    const { status, stderr } = await again('sweep');
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^byzsim: 1 run does not count and is run again\n {2}\S+-seed-1: data_batch_1\.bin, data_batch_2\.bin are not the files that it was computed on\n$/,
    );

    // Where there are no data there is nothing to hold it to.
    rmSync(join(folder, 'cifar-10-batches-bin'), { recursive: true });
    expect(await again('run')).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('a run that fails', () => {
  test('a diverged model: status 1, a sentence, its rows kept; and again without computing', async () => {
    const first = await run('optimizer={name: sgd, learningRate: 1e30}', 'evaluate.every=1');
    expect(first.status).toBe(1);
    expect(first.stderr).toMatch(/byzsim: seed 1: the model diverged (at|by) update \d+/);
    const rows = readFileSync(join(experiment(), 'seed-1', 'metrics.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(rows.length).toBeGreaterThan(1);
    const { stopped_in: step } = JSON.parse(
      readFileSync(join(experiment(), 'seed-1', 'summary.json'), 'utf8'),
    ) as { stopped_in: number };
    expect(first.stderr).toContain(`update ${step}:`);
    expect(first.stdout).toMatch(new RegExp(`; stopped in update ${step} of \\d+ in `));
    const second = await run('optimizer={name: sgd, learningRate: 1e30}', 'evaluate.every=1');
    expect(second.status).toBe(1);
    expect(second.stderr).toContain('seed 1: ended early already');
  });

  test('a quorum that is not met: stopped, and what is on the screen says so', async () => {
    const words = [
      'mode=byzsgd',
      'servers.count=3',
      'faults=[{node: s3, crashAt: 3}]',
      'byzantine={count: 1, attack: empire}',
      'aggregator=cwmed',
      'optimizer=sgd',
      'evaluate.every=1',
    ];
    const first = await run(...words);
    expect(first.status).toBe(1);
    const said = /quorum not met in step (\d+): .* \(s3 has crashed\)/.exec(first.stderr)!;
    const [sentence, step] = said;
    expect(first.stderr).toContain(`\nbyzsim: seed 1: ${sentence}\n`);
    expect(first.stdout).toMatch(
      new RegExp(`^seed 1  test loss [\\d.]+, best .*; stopped in step ${step} of 20 in .*\\n`),
    );
    const summary = JSON.parse(readFileSync(join(experiment(), 'seed-1', 'summary.json'), 'utf8')) as object;
    expect(summary).toMatchObject({ status: 'stopped', message: sentence, stopped_in: Number(step) });
    const rows = readFileSync(join(experiment(), 'seed-1', 'metrics.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(rows).toHaveLength(Number(step)); // the header, and each step before
    expect((await run(...words)).stderr).toContain('seed 1: ended early already (--force runs it again)\n');

    const out = join(folder, 'swept');
    const swept = await byzsim(['sweep', config, ...words, '--backend', 'cpu', '--out', out]);
    expect(swept.status).toBe(1);
    expect(swept.stdout).toMatch(/^1 run: 1 stopped; /m);
    expect(swept.stderr).toContain(`  ended early: ${sentence}  `);
    expect(swept.stderr).toMatch(/byzsim: 1 run ended early\n {2}\S+-seed-1: quorum not met/);
    expect(readFileSync(join(out, 'small', 'runs.csv'), 'utf8')).toMatch(/,1,stopped,/);
    const [checked, shown, cleaned] = await Promise.all([
      byzsim(['check', join(out, 'small'), '--threshold', 'final.test_loss: max < 1e9']),
      byzsim(['status', config, ...words, '--out', out]),
      byzsim(['clean', out]),
    ]);
    expect(checked.stdout).toContain(`: seed 1 ended early: ${sentence}`);
    expect(shown.stdout).toMatch(new RegExp(`^stopped .* ${Number(step) - 1}/20  quorum not met`));
    expect(cleaned.stdout).toBe('nothing to remove; kept 1 run: 1 stopped\n');
  });

  test('an unwritable output folder is named', async () => {
    writeFileSync(join(folder, 'out'), 'a file in the way');
    const { status, stderr } = await run();
    expect(status).toBe(2);
    expect(stderr).toMatch(/^byzsim: cannot write .*out.*: a part of its path is a file, not a folder$/m);
    expect(stderr).not.toMatch(/\n\s+at |ENOTDIR/);
  });

  // A limit on the size of files stands for a full disk: a write stops half-way, and the next one fails.
  test.skipIf(process.platform === 'win32').each([1, 2, 3])(
    'a disk full after %i KiB: the file is named, rows are whole, and it ends',
    async (size) => {
      const words = ['run', config, 'updates=60', 'evaluate.every=1', '--threads', '2', '--json'];
      const command = `ulimit -f ${size}; exec "$0" "$@"`;
      const args = [process.execPath, 'bin/byzsim.js', ...words, '--out', join(folder, 'out')];
      const { status, stderr } = spawnSync('bash', ['-c', command, ...args], {
        encoding: 'utf8',
        timeout: 25_000,
      });
      expect(stderr).toMatch(/^byzsim: cannot write .*: (no space left on the disk|.*too large.*)$/m);
      expect(status).toBe(2);
      expect(readdirSync(join(experiment(), 'seed-1')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      const metrics = join(experiment(), 'seed-1', 'metrics.csv');
      if (!existsSync(metrics)) return; // it did not come so far
      const [header, ...rows] = readFileSync(metrics, 'utf8').split('\n');
      expect(rows.pop()).toBe('');
      for (const row of rows) expect(row.split(',')).toHaveLength(header.split(',').length);
      expect(existsSync(join(experiment(), 'seed-1', 'running.json'))).toBe(false);
    },
  );

  test('a folder held by a live process is refused', async () => {
    await run();
    const seed = join(experiment(), 'seed-1');
    writeFileSync(
      join(seed, 'running.json'),
      JSON.stringify({ pid: process.pid, host: (await import('node:os')).hostname() }),
    );
    const { status, stderr } = await run('--force');
    expect(status).toBe(2);
    expect(stderr).toContain(`is being written by process ${process.pid}`);
    expect(existsSync(join(seed, 'summary.json'))).toBe(true);
  });

  test('a lock left by a process that is gone is taken over', async () => {
    await run();
    const seed = join(experiment(), 'seed-1');
    writeFileSync(
      join(seed, 'running.json'),
      JSON.stringify({ pid: 2 ** 22 + 1, host: (await import('node:os')).hostname() }),
    );
    const { status, stderr } = await run('--force');
    expect(status).toBe(0);
    expect(stderr).toContain(`took over ${seed} from process ${2 ** 22 + 1} on`);
  });

  test('a lock of another host: refused and named, and taken over with --force where it has been silent', async () => {
    await run();
    const seed = join(experiment(), 'seed-1');
    const lock = join(seed, 'running.json');
    writeFileSync(lock, '{"pid": 7, "host": "elsewhere"}');
    const minuteAgo = Date.now() / 1000 - 60;
    utimesSync(lock, minuteAgo, minuteAgo);
    rmSync(join(seed, 'summary.json'));
    const refused = await run();
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(
      /^byzsim: .*seed-1 is being written by process 7 on elsewhere, which gave a sign/m,
    );
    expect(refused.stderr).toContain(`remove ${lock} if that process is gone`);
    const forced = await run('--force');
    expect(forced.stderr).toContain(
      `took over ${seed} from process 7 on elsewhere, which has given no sign of life for`,
    );
    expect(forced.status).toBe(0);
  });

  test('a folder of another layout is refused, not misread', async () => {
    await run();
    const file = join(experiment(), 'seed-1', 'summary.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"schema": 1', '"schema": 99'));
    const { status, stderr } = await run();
    expect(status).toBe(2);
    expect(stderr).toContain('layout 99');
  });

  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGUSR2', 75],
  ] as const) {
    test(`${signal}: ends within a second, with a checkpoint, rows kept, status ${expected}`, async () => {
      let sent = 0;
      const { status, stderr } = await byzsim(
        [
          'run',
          config,
          'updates=10000000',
          'evaluate.every=200',
          '--force', // the one before has left a checkpoint
          '--backend',
          'cpu',
          '--threads',
          '1',
          '--out',
          join(folder, 'out'),
        ],
        {
          onStderr: (text) => {
            if (sent > 0 || !text.includes('update 400/')) return undefined;
            sent = performance.now();
            return signal;
          },
        },
      );
      expect(status).toBe(expected);
      expect(stderr).toContain(`interrupted by ${signal}`);
      const seed = join(experiment(), 'seed-1');
      expect(readFileSync(join(seed, 'metrics.csv'), 'utf8').split('\n').length).toBeGreaterThan(2);
      expect(existsSync(join(seed, 'summary.json'))).toBe(false);
      expect(existsSync(join(seed, 'running.json'))).toBe(false);
      expect(existsSync(join(seed, 'checkpoint.bin'))).toBe(true);
      expect(performance.now() - sent).toBeLessThan(5000); // a second, on a machine that does nothing else
    });
  }
});

describe('usage', () => {
  test('--help shows the commands, --version the version', async () => {
    const help = await byzsim(['--help']);
    expect(help.status).toBe(0);
    for (const command of ['run', 'validate', 'list', 'schema', 'data', 'aggregate', 'attack']) {
      expect(help.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
    expect((await byzsim(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('mistakes on the command line: status 2', async () => {
    for (const args of [
      ['rnu'],
      ['run'],
      ['run', config, '--backend', 'torch'],
      ['run', config, '--threads', '0'],
      ['run', config, '--threads', '100000'],
      ['sweep', config, '--jobs', '100000'],
      ['reproduce', 'figure-a', '--jobs', '100000'],
      ['bench', '--threads', '1,100000'],
    ]) {
      const { status, stderr } = await byzsim(args);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^error: /m);
    }
  });

  test('a missing config is named', async () => {
    const { status, stderr } = await byzsim(['run', join(folder, 'nowhere.yaml')]);
    expect(status).toBe(2);
    expect(stderr).toBe(`byzsim: missing config: ${join(folder, 'nowhere.yaml')}\n`);
  });
});
