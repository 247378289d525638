import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { slurmSchema } from '../../src/sweep/slurm/keys.js';
import { chunksOf, scriptOf } from '../../src/sweep/slurm/script.js';
import { isTimeLimit } from '../../src/sweep/slurm/time.js';
import { shellWord } from '../../src/sweep/shell.js';
import { fakeSlurm } from '../support/slurm.js';
import { temporaryFolder } from '../support/study.js';

const plain = {
  name: 'figure-a',
  chunk: { first: 0, count: 12 },
  given: {},
  setup: [],
  folder: '/data/results/figure-a/tasks/1',
  plan: '/data/results/figure-a/tasks/1/plan.jsonl',
  command: ['/usr/bin/node', '/opt/byzsim/bin/byzsim.js'],
};

const golden = (name: string) => new URL(`../golden/${name}`, import.meta.url).pathname;

describe('the script of an array', () => {
  test('is the golden one', async () => {
    await expect(scriptOf(plain)).toMatchFileSnapshot(golden('slurm-array.sh'));
  });

  test('has the options of the sweep file, a limit, lines to run first, and tasks from some on', async () => {
    const script = scriptOf({
      ...plain,
      chunk: { first: 1000, count: 24 },
      limit: 4,
      given: {
        time: '2:00:00',
        partition: 'gpu',
        gres: 'gpu:1',
        comment: 'a "b" c',
        exclusive: true,
        signal: 'B:USR2@300',
      },
      setup: ['module load nodejs/20', 'export BYZSIM_DATA_DIR=/data'],
      folder: '/data/100% mine/tasks/1',
      plan: "/data/it's/plan.jsonl",
    });
    await expect(script).toMatchFileSnapshot(golden('slurm-array-options.sh'));
  });

  test.each(['slurm-array.sh', 'slurm-array-options.sh'])('%s is one that bash takes', (name) => {
    expect(spawnSync('bash', ['-n', golden(name)], { encoding: 'utf8' }).stderr).toBe('');
  });
});

describe('a task', () => {
  /** Runs the script with a stand-in for byzsim, and a signal for the script while that runs. */
  function play(
    standIn: string,
    signal?: string,
    { env = {}, setup = [] }: { env?: Record<string, string>; setup?: string[] } = {},
  ) {
    const folder = temporaryFolder();
    const slurm = fakeSlurm(folder);
    writeFileSync(join(folder, 'stand-in.sh'), standIn);
    writeFileSync(
      join(folder, 'array.sh'),
      scriptOf({ ...plain, setup, command: ['bash', join(folder, 'stand-in.sh')] }),
    );
    const words = signal ? `bash array.sh & sleep 0.5; kill -${signal} $!; wait $!` : 'bash array.sh';
    const own = { SLURM_ARRAY_JOB_ID: '17', SLURM_ARRAY_TASK_ID: '3', ...slurm.env, ...env };
    const { status, stdout } = spawnSync('bash', ['-c', words], {
      cwd: folder,
      env: { ...process.env, ...own },
      encoding: 'utf8',
    });
    const asked = spawnSync('cat', [join(folder, 'slurm-bin', 'requeued')], {
      encoding: 'utf8',
    }).stdout.trim();
    return { status, stdout, requeued: asked };
  }
  const leaving = (status: number) =>
    `trap 'sleep 0.3; echo left; exit ${status}' USR2 TERM\nfor k in $(seq 100); do sleep 0.1; done\n`;

  test('is byzsim’s task of its index, with its exit status', () => {
    expect(play('echo "$*"; exit 3')).toEqual({ status: 3, stdout: `task ${plain.plan} 3\n`, requeued: '' });
  });

  test('that is told to leave waits for the checkpoint, and is queued again', () => {
    expect(play(leaving(75), 'USR2')).toEqual({ status: 0, stdout: 'left\n', requeued: '17_3' });
  });

  test('that is ended is not queued again', () => {
    expect(play(leaving(143), 'TERM')).toEqual({ status: 143, stdout: 'left\n', requeued: '' });
  });

  test.each([
    ['USR2', 0, '17_3'],
    ['TERM', 143, ''],
  ])('that gets %s while its first lines run', (signal, status, requeued) => {
    expect(play('exec sleep 5', signal, { setup: ['sleep 1'] })).toEqual({ status, stdout: '', requeued });
  });

  test('that USR2 ends before it can answer is queued again', () => {
    expect(play('kill -s USR2 $$')).toEqual({ status: 0, stdout: '', requeued: '17_3' });
  });

  test('that never gets further comes to an end', () => {
    expect(play(leaving(75), 'USR2', { env: { SLURM_RESTART_COUNT: '100' } })).toMatchObject({
      status: 75,
      requeued: '',
    });
  });
});

test('arrays are no larger than Slurm takes', () => {
  expect(chunksOf(12, 1001)).toEqual([{ first: 0, count: 12 }]);
  expect(chunksOf(12, 5)).toEqual([
    { first: 0, count: 5 },
    { first: 5, count: 5 },
    { first: 10, count: 2 },
  ]);
});

test.each([
  [{ array: '0-3' }, 'byzsim sets it'],
  [{ Mem: '4G' }, 'expected the long name'],
  [{ mem: ['4G'] }, 'expected text, a number, or true'],
  [{ comment: 'a\n#SBATCH --uid=0' }, 'expected one line'],
  [{ time: 'abc def' }, 'expected minutes, minutes:seconds'],
  [{ 'time-min': '1-' }, 'expected minutes, minutes:seconds'],
  [{ setup: 'module load node' }, 'expected a list of lines of shell'],
])('slurm: %j is refused', (keys, reason) => {
  expect(slurmSchema.safeParse(keys).error?.issues[0].message).toContain(reason);
});

test.each(['0', '90', '90:30', '2:00:00', '1-0', '1-12:30', '1-12:30:15', 'UNLIMITED', 'infinite', '-1'])(
  'sbatch takes the time %s',
  (time) => expect(isTimeLimit(time)).toBe(true),
);
test.each(['', 'abc def', '2h', '1:2:3:4', '1-', '1-2:3:4:5', '1.5', '-2', '2:00:00\n', ':30'])(
  'sbatch takes no time %j',
  (time) => expect(isTimeLimit(time)).toBe(false),
);

test.each(['plain', "it's", 'a b', '$HOME', '', 'ü', '*', '-x', '~'])('a shell reads %j as it is', (word) => {
  const { stdout } = spawnSync('bash', ['-c', `printf %s ${shellWord(`=${word}`)}`], { encoding: 'utf8' });
  expect(stdout).toBe(`=${word}`);
});
