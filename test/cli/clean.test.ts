import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unlessGone } from '../../src/base/unless-gone.js';
import { writeCheckpoint } from '../../src/results/checkpoint-file.js';
import { checkpointOf, lockOf, takeRun } from '../../src/results/run-folder.js';
import { findLeftovers, removeLeftover } from '../../src/study/clean.js';
import { writeFailure } from '../../src/study/run-state.js';
import { inProcess } from '../support/cli.js';
import { temporaryFolder, writeRun } from '../support/study.js';

async function* noParts() {}

/** A folder of runs that stand in every way there is, and their folders. */
async function study() {
  const folder = temporaryFolder();
  const at = (name: string, seed = 1) => join(folder, 'results', name, `seed-${seed}`);
  writeRun(at('done'), {});
  writeRun(at('diverged'), { diverged: 'the model diverged' });
  const hash = writeRun(at('interrupted'), { finished: false });
  const header = { meta: { schema: 1 as const, hash, seed: 1 }, update: 20, tables: {} };
  await writeCheckpoint(checkpointOf(at('interrupted')), header, noParts(), () => {});
  writeRun(at('done', 2), { finished: false, seed: 2 });
  writeFailure(at('failed'), 'out of memory');
  mkdirSync(at('empty'), { recursive: true });
  mkdirSync(at('loading'), { recursive: true });
  writeFileSync(join(at('loading'), 'log.txt'), 'engine cpu on cpu\n');
  writeRun(at('damaged'), {});
  writeFileSync(join(at('damaged'), 'metrics.csv'), '');
  writeRun(at('layout'), {});
  const summary = join(at('layout'), 'summary.json');
  writeFileSync(summary, readFileSync(summary, 'utf8').replace('"schema": 1', '"schema": 99'));
  writeFileSync(join(at('done'), 'checkpoint.aside.bin'), 'x'.repeat(2000));
  writeRun(at('running'), { finished: false });
  mkdirSync(join(folder, 'results', 'notes'));
  writeFileSync(join(folder, 'results', 'notes', 'thoughts.md'), 'mine');
  writeFileSync(join(at('done', 2), 'checkpoint.bin'), '\0');
  return { folder, at, clean: (...words: string[]) => inProcess(['clean', 'results', ...words], folder) };
}

test('clean lists what failed, was interrupted or is unknown, and what it would free', async () => {
  const { at, clean } = await study();
  const lock = takeRun(at('running'));
  const { status, stdout, stderr } = await clean();
  lock.release();
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.replaceAll(/ +\d+(\.\d)? k?B/g, '  SIZE')).toMatchInlineSnapshot(`
    "state        size    path
    set aside  SIZE  results/done/seed-1/checkpoint.aside.bin
    interrupted  SIZE  results/done/seed-2                       begins anew: checkpoint.bin: it begins with zeros: its content was lost, as in a power cut or on a failing disk
    unknown  SIZE     results/empty/seed-1
    failed  SIZE    results/failed/seed-1                     out of memory
    interrupted  SIZE  results/interrupted/seed-1                goes on from update 20
    interrupted  SIZE    results/loading/seed-1                    begins anew: it has no checkpoint
    1 checkpoint set aside, 2 interrupted runs that begin anew, 1 run of which nothing is known, 1 failed run, 1 interrupted run that can go on,  SIZE: --yes removes them; kept 5 runs: 1 invalid, 1 diverged, 1 done, 1 of another layout, 1 running
    "
  `);
  expect(existsSync(at('interrupted'))).toBe(true);
});

test('clean --yes removes that, and neither results nor what a process is writing nor what is not byzsim’s', async () => {
  const { folder, at, clean } = await study();
  const lock = takeRun(at('running'));
  const { status, stdout } = await clean('--yes');
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^removed 1 checkpoint set aside, 2 interrupted runs that begin anew, .*, [\d.]+ kB; kept 5 runs: /m,
  );
  for (const name of ['interrupted', 'failed', 'empty', 'loading'])
    expect(existsSync(join(at(name), '..')), name).toBe(false);
  expect(existsSync(at('done', 2))).toBe(false);
  expect(existsSync(join(at('done'), 'checkpoint.aside.bin'))).toBe(false);
  for (const name of ['done', 'diverged', 'damaged', 'layout'])
    expect(existsSync(join(at(name), 'summary.json')), name).toBe(true);
  expect(existsSync(join(at('running'), 'metrics.csv'))).toBe(true);
  expect(existsSync(lockOf(at('running')))).toBe(true);
  expect(existsSync(join(folder, 'results/notes/thoughts.md'))).toBe(true);
  lock.release();
  expect((await clean()).stdout).toMatch(
    /^1 interrupted run that begins anew, [\d.]+ kB: --yes removes it; /m,
  );
});

test('clean --json', async () => {
  const { clean } = await study();
  const { stdout } = await clean('--json');
  const { bytes, leftovers, kept } = JSON.parse(stdout) as {
    bytes: number;
    leftovers: { kind: string; bytes: number }[];
    kept: unknown[];
  };
  expect(bytes).toBe(leftovers.reduce((sum, leftover) => sum + leftover.bytes, 0));
  expect(leftovers).toContainEqual(
    expect.objectContaining({ kind: 'set aside', bytes: 2000, removed: false }),
  );
  expect(kept).toHaveLength(4);
});

test('clean goes on where others remove folders meanwhile', async () => {
  const { at } = await study();
  const { leftovers, kept } = findLeftovers([at('gone'), at('failed')]);
  expect([leftovers.map(({ path }) => path), kept]).toEqual([[at('failed')], []]);
  rmSync(at('failed'), { recursive: true });
  expect(leftovers.map(removeLeftover)).toEqual([true]);
  expect(existsSync(at('failed'))).toBe(false);
  const folder = temporaryFolder();
  symlinkSync('nowhere', join(folder, 'gone'));
  expect(unlessGone(() => statSync(join(folder, 'gone')))).toBeUndefined();
  expect(() => unlessGone(() => readFileSync(folder))).toThrow('EISDIR');
});

test('clean of a place that is not there: status 2', async () => {
  const { status, stderr } = await inProcess(['clean', 'nowhere'], temporaryFolder());
  expect([status, stderr]).toEqual([2, 'byzsim: missing results: nowhere\n']);
});
