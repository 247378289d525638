import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { takeRun } from '../../src/results/run-folder.js';
import { byzsim, inProcess } from '../support/cli.js';
import { fakeSlurm } from '../support/slurm.js';
import { temporaryFolder, writeRun } from '../support/study.js';

const config = `dataset: {points: points.csv}
workers: 5
byzantine: {count: 1, attack: sign-flip}
aggregator: cwmed
optimizer: sgd
updates: 10
evaluate: {every: 5}
seeds: [1, 2]
matrix: {aggregator: [cwmed, mean]}
slurm: {mem: 4G, setup: [export SAID=so]}
`;

function study() {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'points.csv'), '1,2\n3,4\n-1,0.5\n0,0\n2,2\n');
  writeFileSync(join(folder, 'grid.yaml'), config);
  const read = (name: string) => readFileSync(join(folder, 'results', 'grid', name), 'utf8');
  return { folder, read, run: (...words: string[]) => inProcess(words, folder) };
}

function slurmIn(folder: string, maxArraySize?: number) {
  const slurm = fakeSlurm(folder, maxArraySize);
  vi.stubEnv('PATH', slurm.env.PATH);
  return slurm;
}

/** Gives the first runs of the sweep a result each. */
async function finish(folder: string, count: number): Promise<void> {
  const { stdout } = await inProcess(['sweep', 'grid.yaml', '-n', '--json'], folder);
  const { runs } = JSON.parse(stdout) as { runs: { path: string }[] };
  for (const { path } of runs.slice(0, count)) writeRun(join(folder, path), {});
}

/** Runs elements of an array as Slurm does. */
function runElements(script: string, folder: string, indices: readonly number[]): void {
  for (const index of indices) {
    const env = { ...process.env, SLURM_ARRAY_JOB_ID: '1', SLURM_ARRAY_TASK_ID: String(index) };
    const { status, stderr } = spawnSync('bash', [script], { cwd: folder, env, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  }
}

afterEach(() => void vi.unstubAllEnvs());

const states = (text: string) => text.split('\n').flatMap((line) => /^[a-z]+(?= {2})/.exec(line)?.[0] ?? []);

describe('sweep --launcher slurm', () => {
  test(
    'submits what is not done, and the tasks write the tables of a sweep',
    { timeout: 120_000 },
    async () => {
      const { folder, read, run } = study();
      const slurm = slurmIn(folder, 3);
      const { status, stdout } = await run(
        'sweep',
        'grid.yaml',
        '--launcher',
        'slurm',
        '--backend',
        'cpu',
        '--time',
        '10',
        '--limit',
        '2',
      );
      expect(status).toBe(0);
      expect(stdout).toMatch(/^4 runs in 4 tasks: jobs 1, 2\n {2}byzsim status grid\.yaml\n/);
      const scripts = slurm.submitted();
      const texts = scripts.map((script) => readFileSync(script, 'utf8'));
      expect(texts[0]).toContain('\n#SBATCH --array=0-2%2\n');
      expect(texts[1]).toContain('\n#SBATCH --array=0-0%2\n');
      for (const line of ['#SBATCH --mem=4G', '#SBATCH --time=10', 'export SAID=so'])
        expect(texts[0]).toContain(`\n${line}\n`);

      // Three are in the queue still: submitting again hands out nothing that is.
      slurm.queue(['1|0|PENDING|Priority', '1|1|RUNNING|None', '1|2|PENDING|Priority']);
      const again = await run('sweep', 'grid.yaml', '--launcher', 'slurm');
      expect(again.stderr).toContain(
        '3 runs in the queue already, left to their tasks (scancel 1 ends them)\n',
      );
      expect(again.stdout).toMatch(/^1 run in 1 task: job 3\n/);
      const shown = await run('status', 'grid.yaml');
      expect(states(shown.stdout)).toEqual(['queued', 'queued', 'queued', 'missing']);
      expect(shown.stdout).toMatch(/task 1_1, running$/m);
      expect(shown.stdout).toMatch(/task 1_0, pending \(Priority\)$/m);
      expect(shown.stdout).toMatch(/^4 runs: 3 queued, 1 missing in results\/grid\n$/m);

      slurm.queue([]);
      runElements(scripts[0], folder, [0, 1, 2]);
      expect(existsSync(join(folder, 'results/grid/runs.csv'))).toBe(false);
      runElements(scripts[1], folder, [0]);
      expect(read('runs.csv').match(/,done,/g)).toHaveLength(4);
      expect((await run('status', 'grid.yaml')).stdout).toBe('4 runs: 4 done in results/grid\n');
      const nothing = await run('sweep', 'grid.yaml', '--launcher', 'slurm');
      expect([nothing.status, nothing.stdout, nothing.stderr]).toEqual([
        0,
        '',
        'nothing to do: 4 runs done\n',
      ]);

      const before = ['runs.csv', 'metrics.csv'].map(read);
      for (const name of ['runs.csv', 'metrics.csv']) writeFileSync(join(folder, 'results/grid', name), '');
      const collected = await run('collect', 'grid.yaml');
      expect(collected.status).toBe(0);
      expect(collected.stdout).toMatch(/^cwmed +2 +[\d.]+ ± [\d.]+$/m);
      expect(['runs.csv', 'metrics.csv'].map(read)).toEqual(before);
    },
  );

  test('says where there is no Slurm, and what sbatch refuses', async () => {
    const { folder, run } = study();
    mkdirSync(join(folder, 'empty'));
    vi.stubEnv('PATH', join(folder, 'empty'));
    const without = await run('sweep', 'grid.yaml', '--launcher', 'slurm');
    expect([without.status, without.stderr]).toEqual([
      2,
      'byzsim: unavailable launcher: there is no sbatch here (submit from a login node, or take --launcher print)\n',
    ]);
    writeFileSync(
      join(folder, 'empty', 'sbatch'),
      '#!/bin/sh\necho "sbatch: error: invalid partition" >&2\nexit 1\n',
      { mode: 0o755 },
    );
    vi.stubEnv('PATH', `${join(folder, 'empty')}:/bin:/usr/bin`);
    const refused = await run('sweep', 'grid.yaml', '--launcher', 'slurm');
    expect([refused.status, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/sbatch refuses .*array\.sh: sbatch: error: invalid partition/),
    ]);
    expect(existsSync(join(folder, 'results', 'grid'))).toBe(false); // what was not submitted leaves nothing
    writeFileSync(join(folder, 'empty', 'sbatch'), '#!/bin/sh\necho ok\n');
    expect((await run('sweep', 'grid.yaml', '--launcher', 'slurm')).stderr).toContain(
      'byzsim: unreadable answer of sbatch: ok (expected the id of a job;',
    );
  });

  test('submits nothing while the queue cannot be told, and status says so', async () => {
    const { folder, run } = study();
    const slurm = slurmIn(folder);
    expect((await run('sweep', 'grid.yaml', '--launcher', 'slurm')).status).toBe(0);
    const problem =
      'byzsim: unavailable queue: squeue says: slurm_load_jobs error: Unable to contact slurm controller';
    slurm.failQueue('slurm_load_jobs error: Unable to contact slurm controller');
    const again = await run('sweep', 'grid.yaml', '--launcher', 'slurm');
    expect([again.status, again.stdout, again.stderr]).toEqual([2, '', expect.stringContaining(problem)]);
    expect((await run('sweep', 'grid.yaml', '--launcher', 'print')).stderr).toContain(problem);
    const shown = await run('status', 'grid.yaml');
    expect(shown.stderr).toContain(problem);
    expect(states(shown.stdout)).toEqual(['missing', 'missing', 'missing', 'missing']);
    expect(JSON.parse((await run('status', 'grid.yaml', '--json')).stdout)).toMatchObject({
      unknownQueue: expect.stringContaining('Unable to contact') as string,
    });
    expect(slurm.submitted()).toHaveLength(1);

    // That the job is gone is another matter.
    slurm.failQueue('slurm_load_jobs error: Invalid job id specified');
    expect((await run('sweep', 'grid.yaml', '--launcher', 'slurm')).status).toBe(0);
    expect(slurm.submitted()).toHaveLength(2);
  });

  test('says with --force too that what is in the queue is left, and how to end it', async () => {
    const { folder, run } = study();
    const slurm = slurmIn(folder, 3);
    const submit = () => run('sweep', 'grid.yaml', '--launcher', 'slurm', '--force');
    const { stdout } = await submit();
    expect(stdout).toContain('jobs 1, 2\n');
    slurm.queue(['1|0|PENDING|None', '1|1|PENDING|None', '1|2|PENDING|None', '2|0|PENDING|None']);
    const again = await submit();
    expect([again.status, again.stdout, again.stderr]).toEqual([
      0,
      '',
      '4 runs in the queue already, left to their tasks (scancel 1 2 ends them)\nnothing to hand out\n',
    ]);
    slurm.queue(['1|0|PENDING|None', '1|1|PENDING|None', '1|2|PENDING|None']);
    const plan = readFileSync(join(folder, 'results/grid/tasks/1/plan.jsonl'), 'utf8').trim().split('\n');
    const lock = takeRun(join(folder, (JSON.parse(plan[4]) as { folder: string }).folder));
    expect((await submit()).stderr).toBe(
      '3 runs in the queue already, left to their tasks (scancel 1 ends them)\n' +
        '1 run under way already, left to the processes that do them\nnothing to hand out\n',
    );
    lock.release();
  });

  test('names a job that it cannot keep, and how to end it', async () => {
    const { folder, run } = study();
    const slurm = slurmIn(folder, 3);
    slurm.queue([]);
    const sbatch = join(folder, 'slurm-bin', 'sbatch');
    const text = readFileSync(sbatch, 'utf8');
    const spoil = 'rm -rf "$(dirname "$2")/jobs.json"; mkdir "$(dirname "$2")/jobs.json"';
    writeFileSync(sbatch, `${text}${spoil}\n`);
    const first = await run('sweep', 'grid.yaml', '--launcher', 'slurm');
    const forgotten = (id: number) =>
      `job ${id} was submitted, and byzsim does not know of it: scancel ${id} ends it (or else its runs may be submitted twice)`;
    expect([first.status, first.stdout]).toEqual([2, '']);
    expect(first.stderr).toMatch(/^byzsim: cannot write .*jobs\.json: it is a folder; job 1 was/);
    expect(first.stderr).toContain(`${forgotten(1)}\n`);
    expect(slurm.submitted()).toHaveLength(1);
    rmSync(join(folder, 'results'), { recursive: true });
    writeFileSync(sbatch, `${text}[ "$(wc -l < "$here/submitted")" -lt 3 ] || { ${spoil}; }\n`);
    const second = await run('sweep', 'grid.yaml', '--launcher', 'slurm');
    expect(second.status).toBe(2);
    expect(second.stderr).toContain(
      `${forgotten(3)}; submitted before: 2 (the same command goes on with the rest)\n`,
    );
  });

  test('--force loses nothing that sbatch refuses', async () => {
    const { folder, run } = study();
    slurmIn(folder).queue([]);
    await finish(folder, 3);
    writeFileSync(join(folder, 'slurm-bin', 'sbatch'), '#!/bin/sh\necho no >&2\nexit 1\n');
    const before = await run('status', 'grid.yaml');
    const files = readdirSync(join(folder, 'results'), { recursive: true }).sort();
    const refused = await run('sweep', 'grid.yaml', '--launcher', 'slurm', '--force');
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('sbatch refuses')]);
    expect(readdirSync(join(folder, 'results'), { recursive: true }).sort()).toEqual(files);
    expect(await run('status', 'grid.yaml')).toEqual(before);
  });

  test('--force begins a run anew once, when its task does', { timeout: 120_000 }, async () => {
    const { folder, run } = study();
    const slurm = slurmIn(folder);
    slurm.queue([]);
    const words = ['grid.yaml', 'aggregator=cwmed', 'seeds=1'];
    await byzsim(['sweep', ...words, '--backend', 'cpu', '--quiet'], { cwd: folder });
    const { stdout } = await run('sweep', ...words, '-n', '--json');
    const [{ path }] = (JSON.parse(stdout) as { runs: { path: string }[] }).runs;
    const started = () =>
      (JSON.parse(readFileSync(join(folder, path, 'meta.json'), 'utf8')) as { started: string }).started;
    const first = started();
    await run('sweep', ...words, '--backend', 'cpu', '--launcher', 'slurm', '--force');
    expect((await run('status', ...words)).stdout).toBe('1 run: 1 done in results/grid\n');
    expect((await run('clean', 'results')).stdout).toContain('tasks/1: 1 of its 1 runs have no result\n');
    slurm.queue(['1|0|PENDING|None']);
    expect((await run('status', ...words)).stdout).toMatch(/^queued .* 0\/10 +task 1_0, pending$/m);

    const [script] = slurm.submitted();
    runElements(script, folder, [0]);
    const second = started();
    expect(second).not.toBe(first);
    runElements(script, folder, [0]); // queued again
    expect(started()).toBe(second);
    expect((await run('status', ...words)).stdout).toBe('1 run: 1 done in results/grid\n');
  });

  test('names what is wrong under slurm', async () => {
    const { folder, run } = study();
    writeFileSync(join(folder, 'grid.yaml'), config.replace('mem: 4G', 'array: 0-3'));
    const { status, stderr } = await run('sweep', 'grid.yaml', '--launcher', 'slurm');
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('grid.yaml:10:16: invalid slurm.array: byzsim sets it'),
    ]);
  });
});

describe('clean', () => {
  const tasksLeft = (folder: string) =>
    existsSync(join(folder, 'results/grid/tasks')) ? readdirSync(join(folder, 'results/grid/tasks')) : [];

  test('keeps tasks that are in the queue, whose runs have no result, or of which nothing is known', async () => {
    const { folder, run } = study();
    const slurm = slurmIn(folder);
    slurm.queue([]);
    await run('sweep', 'grid.yaml', '--launcher', 'slurm');
    const cleaned = async () => (await run('clean', 'results', '--yes')).stdout;
    expect(await cleaned()).toBe(
      'nothing removed; kept 0 runs\nkept the tasks of results/grid/tasks/1: 4 of its 4 runs have no result\n',
    );
    await finish(folder, 4);
    slurm.queue(['1|3|RUNNING|None']);
    expect(await cleaned()).toContain('tasks/1: task 1_3 is in the queue\n');
    slurm.failQueue('Unable to contact slurm controller');
    const unknown = await run('clean', 'results', '--yes');
    expect(unknown.stdout).toContain('tasks/1: its tasks may be in the queue\n');
    expect(unknown.stderr).toBe(
      'byzsim: unavailable queue: squeue says: Unable to contact slurm controller; tasks that may be in it are kept\n',
    );
    slurm.failQueue('Invalid job id specified');
    const plan = join(folder, 'results/grid/tasks/1/plan.jsonl');
    const text = readFileSync(plan, 'utf8');
    writeFileSync(plan, text.replace(/\n[^\n]+\n$/, '\n'));
    expect(await cleaned()).toContain('plan.jsonl: 3 runs (4 expected)\n');
    writeFileSync(plan, text);
    const held = (JSON.parse(text.split('\n')[1]) as { folder: string }).folder;
    const lock = takeRun(join(folder, held));
    expect(await cleaned()).toContain('tasks/1: a process does one of its runs\n');
    lock.release();
    expect(tasksLeft(folder)).toEqual(['1']);
    expect(await cleaned()).toMatch(
      /^tasks over +[\d.]+ kB +results\/grid\/tasks\/1 +its 4 runs have results$/m,
    );
    expect(tasksLeft(folder)).toEqual([]);
    expect(existsSync(join(folder, held, 'summary.json'))).toBe(true);
  });

  test('removes tasks whose runs were handed out again, but no commands that may still be run', async () => {
    const { folder, run } = study();
    slurmIn(folder).queue([]);
    await run('sweep', 'grid.yaml', '--launcher', 'print');
    await run('sweep', 'grid.yaml', '--launcher', 'slurm');
    await finish(folder, 2);
    await run('sweep', 'grid.yaml', '--launcher', 'slurm');
    const { stdout } = await run('clean', join('results', 'grid', 'tasks', '2'), '--yes');
    expect(stdout).toMatch(/^tasks over .*its 4 runs have results or were handed out again$/m);
    expect((await run('clean', 'results', '--yes')).stdout).toContain(
      '\nkept the tasks of results/grid/tasks/1: 2 of its 4 runs have no result\n' +
        'kept the tasks of results/grid/tasks/3: 2 of its 4 runs have no result\n',
    );
    expect(tasksLeft(folder)).toEqual(['1', '3']);
  });
});

test.each([
  [
    ['--limit', '2'],
    'invalid --limit: --launcher local does nothing with it (it goes with --launcher slurm)',
  ],
  [['--time', '10'], 'invalid --time: --launcher local'],
  [['--partition', 'x'], 'invalid --partition: --launcher local'],
  [['--gres', 'gpu:1', '--launcher', 'print'], 'invalid --gres: --launcher print'],
  [
    ['--runs-per-task', '2', '-n'],
    'invalid --runs-per-task: --launcher local does nothing with it (it goes with --launcher slurm or --launcher print)',
  ],
  [['--jobs', '1', '--launcher', 'slurm'], 'invalid --jobs: --launcher slurm'],
  [['--check', '--launcher', 'slurm'], 'invalid --check: --launcher slurm'],
  [['--json', '--launcher', 'print'], 'invalid --json: --launcher print'],
  [['--launcher', 'slurm', '--time', 'abc def'], 'It must be minutes, minutes:seconds'],
  [['--launcher', 'slurm', '--partition', 'x\n#SBATCH --uid=0'], 'It must be one line of text'],
  [['--out', 's3://results'], 'It must be a folder, not a URL'],
  [['--output', 's3://results'], 'It must be a folder, not a URL'],
  [['--tensorboard', 'http://events'], 'It must be a folder, not a URL'],
])('sweep %j is refused, as it would do nothing or not what it says', async (words, message) => {
  const { folder, run } = study();
  const { status, stdout, stderr } = await run('sweep', 'grid.yaml', ...words);
  expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
  expect(existsSync(join(folder, 'results'))).toBe(false);
});

describe('sweep --launcher print', () => {
  test('prints a command a task, which any scheduler can run', { timeout: 120_000 }, async () => {
    const { read, run } = study();
    const { stdout } = await run(
      'sweep',
      'grid.yaml',
      'seeds=1',
      '--launcher',
      'print',
      '--runs-per-task',
      '2',
      '--backend',
      'cpu',
    );
    const [command, ...more] = stdout.trimEnd().split('\n');
    expect(more).toEqual([]);
    expect(spawnSync('sh', ['-c', command], { cwd: '/', encoding: 'utf8' }).status).toBe(0);
    expect(read('runs.csv').match(/,done,/g)).toHaveLength(2);
    const [plan] = /\S+plan\.jsonl/.exec(command)!;
    const beyond = await run('task', plan, '5');
    expect([beyond.status, beyond.stderr]).toEqual([
      2,
      `byzsim: invalid task: 5 (${plan} has tasks 0 to 0)\n`,
    ]);
    writeFileSync(plan, readFileSync(plan, 'utf8').replace(/\n[^\n]+\n$/, '\n'));
    expect((await run('task', plan, '0')).stderr).toBe(`byzsim: unreadable ${plan}: 1 runs (2 expected)\n`);
  });

  test('task says of what is no plan who writes one', async () => {
    const { run } = study();
    const writer = 'byzsim sweep FILE --launcher slurm or print writes one: results/NAME/tasks/1/plan.jsonl';
    const config = await run('task', 'grid.yaml', '0');
    expect([config.status, config.stderr]).toEqual([
      2,
      expect.stringMatching(
        new RegExp(`^byzsim: unreadable .*grid\\.yaml: it is no plan\\.jsonl; ${writer}\\n$`),
      ),
    ]);
    const missing = await run('task', 'plan.jsonl', '0');
    expect([missing.status, missing.stderr]).toEqual([
      2,
      expect.stringMatching(new RegExp(`^byzsim: missing .*plan\\.jsonl: ${writer}\\n$`)),
    ]);
  });
});

test('status without Slurm goes by the files: running, failed with its last lines, missing', async () => {
  const { folder, run } = study();
  vi.stubEnv('PATH', '');
  const { stdout } = await run('sweep', 'grid.yaml', '-n', '--json');
  const { runs } = JSON.parse(stdout) as { runs: { path: string }[] };
  const paths = runs.map(({ path }) => join(folder, path));
  const lock = takeRun(paths[0]);
  writeFileSync(join(paths[0], 'log.txt'), 'engine cpu on cpu\nupdate 5  loss 3\n');
  mkdirSync(paths[1], { recursive: true });
  writeFileSync(join(paths[1], 'failure.json'), '{"schema": 1, "message": "killed by SIGKILL"}');
  writeFileSync(join(paths[1], 'log.txt'), 'out of memory\n');
  const shown = await run('status', 'grid.yaml');
  lock.release();
  expect(shown.stdout.replaceAll(/[0-9a-f]{8}-/g, 'HASH-').replace(/process \d+ on \S+/, 'PROCESS')).toBe(
    `running      w-cwmed-sign-flip-sgd-HASH-seed-1  0/10  PROCESS
    update 5  loss 3
failed       w-cwmed-sign-flip-sgd-HASH-seed-2  0/10  killed by SIGKILL
    out of memory
missing      w-mean-sign-flip-sgd-HASH-seed-1  0/10
missing      w-mean-sign-flip-sgd-HASH-seed-2  0/10
4 runs: 1 running, 1 failed, 2 missing in results/grid
`,
  );
  const json = await run('status', 'grid.yaml', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    runs: [{}, { status: 'failed', log: ['out of memory'] }, {}, {}],
  });
});
