import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.js';
import type { Mapping } from '../../src/base/mapping.js';
import { readFinishedRun } from '../../src/study/finished-run.js';
import { readRunState, writeFailure, type RunState } from '../../src/study/run-state.js';
import { readStudy } from '../../src/study/study.js';
import type { StudyRun } from '../../src/study/study-run.js';
import { keptRuns, restoreRuns } from '../../src/study/restore.js';
import { studyTables, type StudyPlan, writeStudy } from '../../src/study/study-file.js';
import { temporaryFolder, writeRun } from '../support/study.js';
import { columns } from '../support/labels.js';

const rules = ['cwmed', 'krum'];
const seeds = [1, 2];

let folder: string;
let plan: StudyPlan;
let states: Map<string, RunState>;

/** A study of two rules and two seeds, of which the last run failed. */
beforeEach(async () => {
  folder = temporaryFolder();
  const paths = rules.flatMap((rule) =>
    seeds.map((seed) => ({ rule, seed, path: join(folder, rule, `seed-${seed}`) })),
  );
  const hashes = new Map<string, string>();
  for (const { rule, seed, path } of paths.slice(0, 3)) {
    const diverged = seed === 2 ? 'it did' : undefined;
    hashes.set(rule, writeRun(path, { rule, seed, accuracies: [0.1, seed / 10], diverged }));
  }
  writeFailure(paths[3].path, 'out of luck');
  const configs = new Map(readStudy([folder]).runs.map(({ config }) => [ruleOf(config), config]));
  plan = {
    name: 'test',
    folder,
    axes: ['aggregator', 'seed'],
    columns: columns.map(({ name }) => name),
    runs: paths.map(({ rule, seed, path }) => ({
      id: `${rule}-${seed}`,
      axes: new Map<string, string | number>([
        ['aggregator', `${rule}, "quoted"`],
        ['seed', seed],
      ]),
      // As loaded: what a file has as `dataset` is its name.
      config: { ...configs.get(rule), dataset: { name: configs.get(rule)!.dataset } } as unknown as Config,
      identity: { slug: rule, hash: hashes.get(rule)! },
      seed,
      folder: path,
    })),
  };
  states = new Map(plan.runs.map((run) => [run.id, readRunState(run.folder, run)]));
  await writeStudy(plan, states, stateOf);
});

const stateOf = (run: StudyPlan['runs'][number]) => readRunState(run.folder, run);

const ruleOf = (config: Mapping) => (config.aggregator as { rule: string }).rule;

/** A copy without the run folders. */
function withoutRuns(): string {
  const copy = temporaryFolder();
  for (const name of Object.values(studyTables)) copyFileSync(join(folder, name), join(copy, name));
  return copy;
}

function spoilFile(file: string, spoil: (text: string) => string): void {
  const text = readFileSync(file, 'utf8');
  expect(spoil(text)).not.toBe(text);
  writeFileSync(file, spoil(text));
}

const comparable = ({ path: _, summary, ...rest }: StudyRun) => ({
  ...rest,
  summary: { ...summary, path: '' },
});

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

  test('have empty cells in columns of other modes', async () => {
    const columns = [...plan.columns.slice(0, 2), 'turns', ...plan.columns.slice(2)];
    await writeStudy({ ...plan, columns }, states, stateOf);
    const rows = readFileSync(join(folder, 'metrics.csv'), 'utf8').split('\n');
    expect(rows[0]).toMatch(/^aggregator,seed,update,time,turns,epoch,/);
    const own = readFileSync(join(folder, 'cwmed', 'seed-2', 'metrics.csv'), 'utf8').split('\n');
    const [update, time, ...rest] = own[2].split(',');
    expect(rows[4].endsWith(`,2,${[update, time, '', ...rest].join()}`)).toBe(true);
    expect(readStudy([withoutRuns()]).runs).toHaveLength(3);
  });

  test('are the same bytes when written again', async () => {
    const before = Object.values(studyTables).map((name) => readFileSync(join(folder, name), 'utf8'));
    await writeStudy(plan, states, stateOf);
    expect(Object.values(studyTables).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(
      before,
    );
  });
});

describe('run folders that are not there', () => {
  const files = () => Object.values(studyTables).map((name) => readFileSync(join(folder, name), 'utf8'));
  const runFolders = () =>
    Object.fromEntries(plan.runs.slice(0, 3).map(({ folder: path }) => [path, readFinishedRun(path)]));

  test('are made again from the tables, which are then the same bytes', async () => {
    const [before, runs] = [files(), runFolders()];
    for (const rule of rules) rmSync(join(folder, rule), { recursive: true });
    const kept = keptRuns(folder);
    expect([...kept.keys()]).toEqual(Object.keys(runs));
    expect([...kept.values()].map(({ status }) => status)).toEqual(['done', 'diverged', 'done']);

    const notes: string[] = [];
    await restoreRuns(folder, (text) => notes.push(text));
    expect(notes).toEqual([
      `made the folders of 3 runs from ${join(folder, 'study.json')}, which has them; --force runs them again`,
    ]);
    expect(keptRuns(folder).size).toBe(0);
    const again = runFolders();
    for (const [path, run] of Object.entries(runs)) {
      expect(again[path]).toEqual({
        ...run,
        summary: { ...run!.summary, path, files_sha256: expect.anything() as unknown },
      });
    }
    await writeStudy(plan, new Map(plan.runs.map((run) => [run.id, stateOf(run)])), stateOf);
    const withoutFailure = before.map((text) =>
      text.replaceAll('failed', 'missing').replace(/\n.*out of luck.*/, ''),
    );
    expect(files().map((text) => text.replaceAll(/"config.yaml": "\w+"/g, ''))).toEqual(
      withoutFailure.map((text) => text.replaceAll(/"config.yaml": "\w+"/g, '')),
    );
  });

  test('have the columns that they had, and not those of runs of other modes', async () => {
    const { folder: path } = plan.runs[0];
    const rows = [10, 20].map((update) => ({
      ...Object.fromEntries(plan.columns.map((name) => [name, 0.5])),
      update,
    }));
    rmSync(path, { recursive: true });
    writeRun(path, { rule: 'cwmed', seed: 1, rows });
    const written = readFileSync(join(path, 'metrics.csv'), 'utf8');
    states.set(plan.runs[0].id, stateOf(plan.runs[0]));
    const columns = [...plan.columns.slice(0, 2), 'turns', ...plan.columns.slice(2), 'refused'];
    await writeStudy({ ...plan, columns }, states, stateOf);
    rmSync(join(folder, 'cwmed'), { recursive: true });
    await restoreRuns(folder, () => {});
    expect(readFileSync(join(path, 'metrics.csv'), 'utf8')).toBe(written);
  });

  test('are whole where a study took runs that were done under another name', async () => {
    const runs = plan.runs.map((run) => ({ ...run, config: { ...run.config, name: 'other' } }));
    await writeStudy({ ...plan, name: 'other', runs }, states, stateOf);
    for (const rule of rules) rmSync(join(folder, rule), { recursive: true });
    await restoreRuns(folder, () => {});
    const { runs: read, damaged } = readStudy([folder]);
    expect(damaged).toEqual([]);
    expect(read.map(({ config }) => config.name)).toEqual(['test', 'test', 'test']);
  });

  test('are left to be computed where the tables are damaged', async () => {
    spoilFile(join(folder, 'metrics.csv'), (text) => text.replace(',0.1,', ',0.2,'));
    for (const rule of rules) rmSync(join(folder, rule), { recursive: true });
    expect([...keptRuns(folder).keys()]).toEqual([plan.runs[1].folder, plan.runs[2].folder]);
    spoilFile(join(folder, 'study.json'), () => '');
    expect(keptRuns(folder).size).toBe(0);
    await restoreRuns(folder, () => {});
    expect(existsSync(plan.runs[1].folder)).toBe(false);
  });

  test('are not made where there is one, whatever it holds', async () => {
    writeRun(plan.runs[0].folder, { seed: 1, finished: false });
    await restoreRuns(folder, () => {});
    expect(stateOf(plan.runs[0]).status).toBe('interrupted');
    expect(stateOf(plan.runs[1]).status).toBe('diverged');
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
    expect(notes).toContain(`${copy}: 1 of 4 runs is missing (1 failed); byzsim sweep runs what is missing`);
  });

  test('gives way to run folders where there are some', () => {
    const copy = withoutRuns();
    writeRun(join(copy, 'cwmed', 'seed-1'), { seed: 1, accuracies: [0.1, 0.7] });
    writeRun(join(copy, 'cwmed', 'seed-2'), { seed: 2, finished: false });
    const { runs, unfinished, missing, notes } = readStudy([copy]);
    const found = runs.map(({ config, seed, rows }) => [ruleOf(config), seed, rows.at(-1)?.test_accuracy]);
    expect(found).toEqual([
      ['cwmed', 1, 0.7],
      ['krum', 1, 0.1],
    ]);
    expect(unfinished).toEqual([join(copy, 'cwmed', 'seed-2')]);
    expect(missing).toEqual([join(copy, 'krum', 'seed-2')]);
    expect(notes.some((note) => note.includes('2 of 4 runs are missing'))).toBe(true);
  });

  test.each<[string, (text: string) => string, RegExp]>([
    [
      'study.json',
      (text) => text.replace('"schema": 1', '"schema": 0'),
      /was written in layout 0, this byzsim reads 1/,
    ],
    ['study.json', (text) => text.slice(0, 50), /^unreadable .*study\.json: /],
    ['study.json', () => '[]', /^unreadable .*study\.json: expected object, received array/],
    [
      'study.json',
      (text) => text.replace('"axes": [', '"axes": [3, '),
      /^unreadable .*study\.json: axes\.0: /,
    ],
    [
      'metrics.csv',
      (text) => text.replace(',test_loss', ''),
      /^unreadable .*metrics\.csv: column test_loss is missing; byzsim sweep writes/,
    ],
    [
      'metrics.csv',
      (text) => text.replace('aggregator,', ''),
      /^unreadable .*metrics\.csv: it begins with other columns/,
    ],
    [
      'metrics.csv',
      (text) => `\uFEFF${text}`,
      /^unreadable .*metrics\.csv: it begins with a byte order mark/,
    ],
    ['metrics.csv', (text) => text.slice(0, -2), /^unreadable .*metrics\.csv: its last line is cut short/],
    ['metrics.csv', () => '', /^unreadable .*metrics\.csv: it is empty/],
  ])('is refused when its %s is not whole', (name, spoil, message) => {
    const copy = withoutRuns();
    spoilFile(join(copy, name), spoil);
    expect(() => readStudy([copy])).toThrow(message);
  });

  test('is refused without its metrics', () => {
    const copy = withoutRuns();
    rmSync(join(copy, 'metrics.csv'));
    expect(() => readStudy([copy])).toThrow(/^missing .*metrics\.csv/);
  });

  test.each<[string, string, (text: string) => string, string]>([
    [
      'metrics.csv',
      'a row less',
      (text) => text.replace(/\n[^\n]*\n$/, '\n'),
      'metrics.csv has 1 row of it (2 expected)',
    ],
    [
      'metrics.csv',
      'a row twice',
      (text) => text.replace(/[^\n]*\n$/, '$&$&'),
      'metrics.csv has 3 rows of it (2 expected)',
    ],
    [
      'metrics.csv',
      'a word',
      (text) => text.replace(/,20,(?=[^\n]*\n$)/, ',x,'),
      'metrics.csv: line 7: x is no number',
    ],
    [
      'metrics.csv',
      'another value',
      (text) => text.replace(/,10,1\.1,(?=[^\n]*\n[^\n]*\n$)/, ',10,1.2,'),
      'its rows in metrics.csv are not as they were written',
    ],
    [
      'study.json',
      'no such rows',
      (text) => text.replaceAll('"rows": 2', '"rows": 3'),
      'metrics.csv has 2 rows of it (3 expected)',
    ],
    [
      'study.json',
      'another final row',
      (text) => text.replaceAll('"test_accuracy": 0.1', '"test_accuracy": 0.3'),
      'the last row of metrics.csv is not the final one of summary.json',
    ],
    [
      'study.json',
      'another config',
      (text) => text.replaceAll('"workers": 9', '"workers": 7'),
      'the config in study.json is not that of its hash',
    ],
    [
      'study.json',
      'another seed',
      (text) => text.replaceAll('"seed": 1,\n        "final"', '"seed": 7,\n        "final"'),
      'study.json contradicts itself about it',
    ],
  ])('whose %s has %s lacks the runs concerned, and says so', (name, _, spoil, reason) => {
    const copy = withoutRuns();
    spoilFile(join(copy, name), spoil);
    // One run that is whole in any case.
    cpSync(join(folder, 'cwmed', 'seed-2'), join(copy, 'cwmed', 'seed-2'), { recursive: true });
    const { runs, damaged, notes } = readStudy([copy]);
    expect(runs.map(({ path }) => path)).toContain(join(copy, 'cwmed', 'seed-2'));
    const path = join(copy, 'krum', 'seed-1');
    expect(runs.map((run) => run.path)).not.toContain(path);
    expect(damaged).toContainEqual({ path, reason });
    expect(notes).toContain(`left out ${path}: ${reason}; byzsim sweep writes the files of a study anew`);
  });

  test('of which one run cannot be read has the others', () => {
    const copy = withoutRuns();
    spoilFile(join(copy, 'study.json'), (text) => text.replace('"status": "done"', '"status": "over"'));
    const { runs, damaged, notes } = readStudy([copy]);
    expect(runs).toHaveLength(2);
    expect(damaged).toHaveLength(1);
    expect(notes).toContainEqual(
      expect.stringMatching(/^left out run 1 of .*study\.json: status: .*; byzsim sweep writes it anew$/),
    );
    expect(notes).toContainEqual(expect.stringContaining('metrics.csv has 2 rows of no run in study.json'));
  });

  test('may have been given other ends of lines', () => {
    const copy = withoutRuns();
    spoilFile(join(copy, 'metrics.csv'), (text) => text.replaceAll('\n', '\r\n'));
    expect(readStudy([copy])).toMatchObject({ damaged: [], runs: [{}, {}, {}] });
  });

  test('beside whole run folders is named, and not needed', () => {
    writeFileSync(join(folder, 'study.json'), '{');
    const { runs, damaged, notes } = readStudy([folder]);
    expect(runs).toHaveLength(3);
    expect(damaged).toHaveLength(1);
    expect(notes.join('\n')).toContain(`unreadable ${join(folder, 'study.json')}: `);
  });
});

describe('the state of a run', () => {
  test.each<[string, (path: string) => void, RunState['status']]>([
    ['of which there is nothing', () => {}, 'missing'],
    ['that ended', (path) => writeRun(path, {}), 'done'],
    ['that diverged', (path) => writeRun(path, { diverged: 'it did' }), 'diverged'],
    ['that has rows and no end', (path) => writeRun(path, { finished: false }), 'interrupted'],
    ['that failed', (path) => writeFailure(path, 'so'), 'failed'],
    ['whose folder is empty', (path) => void mkdirSync(path), 'missing'],
    [
      'that was ended while it was loading',
      (path) => {
        mkdirSync(path);
        writeFileSync(join(path, 'log.txt'), '');
      },
      'interrupted',
    ],
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
