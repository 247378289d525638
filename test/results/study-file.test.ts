import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { readRunState, writeFailure, type RunState } from '../../src/results/run-state.js';
import { readStudy, type StudyRun } from '../../src/results/study.js';
import { StudyFiles, studyTables, type StudyPlan } from '../../src/results/study-file.js';
import { temporaryFolder, writeRun } from '../support/study.js';

const rules = ['cwmed', 'krum'];
const seeds = [1, 2];

let folder: string;
let plan: StudyPlan;
let states: Map<string, RunState>;

/** A study of two rules and two seeds, of which the last run failed. */
beforeEach(() => {
  folder = temporaryFolder();
  const paths = rules.flatMap((rule) => seeds.map((seed) => ({ rule, seed, path: join(folder, rule, `seed-${seed}`) })));
  for (const { rule, seed, path } of paths.slice(0, 3)) {
    writeRun(path, { rule, seed, hash: rule, accuracies: [0.1, seed / 10], ...(seed === 2 && { diverged: 'it did' }) });
  }
  writeFailure(paths[3].path, 'out of luck');
  const configs = new Map(readStudy([folder]).runs.map(({ hash, config }) => [hash, config]));
  plan = {
    name: 'test',
    folder,
    axes: ['aggregator', 'seed'],
    runs: paths.map(({ rule, seed, path }) => ({
      id: `${rule}-${seed}`,
      axes: new Map<string, string | number>([
        ['aggregator', `${rule}, "quoted"`],
        ['seed', seed],
      ]),
      // As loaded: what a file has as `dataset` is its name.
      config: { ...configs.get(rule), dataset: { name: configs.get(rule)!.dataset } } as unknown as Config,
      identity: { slug: rule, hash: rule },
      seed,
      folder: path,
    })),
  };
  states = new Map(plan.runs.map(({ id, folder: path }) => [id, readRunState(path)]));
  new StudyFiles(plan).write(states);
});

/** A copy without the run folders. */
function withoutRuns(): string {
  const copy = temporaryFolder();
  for (const name of Object.values(studyTables)) copyFileSync(join(folder, name), join(copy, name));
  return copy;
}

const comparable = ({ path: _, summary, ...rest }: StudyRun) => ({ ...rest, summary: { ...summary, path: '' } });

describe('the tables of a study', () => {
  test('have a row for each run, and all rows of those that ended', () => {
    const runs = readFileSync(join(folder, 'runs.csv'), 'utf8').split('\n');
    expect(runs[0]).toMatch(/^id,aggregator,seed,status,final_update,.*,best_update,.*,path$/);
    expect(runs.slice(1).map((line) => /,(\d,\w+),/.exec(line)?.[1])).toEqual([
      '1,done',
      '2,diverged',
      '1,done',
      '2,failed',
      undefined,
    ]);
    expect(runs[1]).toMatch(/^cwmed-1,"cwmed, ""quoted""",1,done,20,.*,cwmed\/seed-1$/);
    const rows = readFileSync(join(folder, 'metrics.csv'), 'utf8').split('\n');
    expect(rows[0]).toMatch(/^aggregator,seed,update,time,epoch,/);
    expect(rows).toHaveLength(1 + 3 * 2 + 1);
    const own = readFileSync(join(folder, 'cwmed', 'seed-2', 'metrics.csv'), 'utf8').split('\n');
    expect(rows[4]).toBe(`"cwmed, ""quoted""",2,${own[2]}`);
  });

  test('are the same bytes when written again', () => {
    const before = Object.values(studyTables).map((name) => readFileSync(join(folder, name), 'utf8'));
    new StudyFiles(plan).write(states);
    expect(Object.values(studyTables).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(before);
  });
});

describe('a study without run folders', () => {
  test('is read as with them', () => {
    const [whole, slim] = [readStudy([folder]), readStudy([withoutRuns()])];
    expect(slim.runs.map(comparable)).toEqual(
      whole.runs.map(comparable).map((run) => ({ ...run, config: { ...run.config, seeds: [run.seed] } })),
    );
    expect(slim.notes.some((note) => note.endsWith('cwmed/seed-2: it did; its rows end there'))).toBe(true);
  });

  test('says what is missing', () => {
    const copy = withoutRuns();
    const { notes, missing } = readStudy([copy]);
    expect(missing).toEqual([join(copy, 'krum', 'seed-2')]);
    expect(notes).toContain(
      `${copy}: 1 of 4 runs is missing (1 failed); byzsim sweep runs what is missing`,
    );
  });

  test('gives way to run folders where there are some', () => {
    const copy = withoutRuns();
    writeRun(join(copy, 'cwmed', 'seed-1'), { hash: 'cwmed', seed: 1, accuracies: [0.7] });
    writeRun(join(copy, 'cwmed', 'seed-2'), { hash: 'cwmed', seed: 2, finished: false });
    const { runs, unfinished, missing, notes } = readStudy([copy]);
    const found = runs.map(({ hash, seed, rows }) => [hash, seed, rows.at(-1)?.test_accuracy]);
    expect(found).toEqual([
      ['cwmed', 1, 0.7],
      ['krum', 1, 0.1],
    ]);
    expect(unfinished).toEqual([join(copy, 'cwmed', 'seed-2')]);
    expect(missing).toEqual([join(copy, 'krum', 'seed-2')]);
    expect(notes.some((note) => note.includes('2 of 4 runs are missing'))).toBe(true);
  });

  test.each([
    ['study.json', (text: string) => text.replace('"schema": 1', '"schema": 0'), /was written in layout 0, this byzsim reads 1/],
    ['study.json', (text: string) => text.slice(0, 50), /^unreadable .*study\.json: /],
    ['metrics.csv', (text: string) => text.replace(/[^\n]*\n$/, ''), /^unreadable .*metrics\.csv: 5 rows \(6 expected\)/],
    ['metrics.csv', (text: string) => text.replace(',20,', ',x,'), /^unreadable .*metrics\.csv: line 3: x is no number/],
  ])('is refused when its %s is not whole', (name, spoil, message) => {
    const copy = withoutRuns();
    writeFileSync(join(copy, name), spoil(readFileSync(join(copy, name), 'utf8')));
    expect(() => readStudy([copy])).toThrow(message);
  });

  test('is refused without its metrics', () => {
    const copy = withoutRuns();
    rmSync(join(copy, 'metrics.csv'));
    expect(() => readStudy([copy])).toThrow(/^missing .*metrics\.csv/);
  });
});

describe('the state of a run', () => {
  test.each<[string, (path: string) => void, RunState['status']]>([
    ['of which there is nothing', () => {}, 'missing'],
    ['that ended', (path) => writeRun(path, {}), 'done'],
    ['that diverged', (path) => writeRun(path, { diverged: 'it did' }), 'diverged'],
    ['that has rows and no end', (path) => writeRun(path, { finished: false }), 'interrupted'],
    ['that failed', (path) => writeFailure(path, 'so'), 'failed'],
    [
      'whose process is gone',
      (path) => {
        mkdirSync(path);
        writeFileSync(join(path, 'running.json'), JSON.stringify({ pid: 4194305, host: hostname() }));
        writeFailure(path, 'so');
        writeRun(path, { finished: false });
      },
      'interrupted',
    ],
  ])('%s', (_, make, status) => {
    const path = join(temporaryFolder(), 'seed-1');
    make(path);
    expect(readRunState(path).status).toBe(status);
  });
});
