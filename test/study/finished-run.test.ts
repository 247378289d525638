import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { DamagedRun, readFinishedRun } from '../../src/study/finished-run.js';
import { LayoutError } from '../../src/results/reading.js';
import { readRunState } from '../../src/study/run-state.js';
import { readStudy } from '../../src/study/study.js';
import { temporaryFolder, writeRun } from '../support/study.js';
import { columns } from '../support/labels.js';

let study: string;
let folder: string;
/** A run of four evaluations beside another seed of its experiment. */
beforeEach(() => {
  study = temporaryFolder();
  folder = join(study, 'seed-1');
  for (const seed of [1, 2])
    writeRun(join(study, `seed-${seed}`), { seed, accuracies: [0.1, 0.5, 0.25, 0.75 + seed / 100] });
});

type Edit = (text: string) => string | undefined;

/** Changes a file of the run; nothing removes it. */
function edit(name: string, change: Edit): void {
  const file = join(folder, name);
  const text = change(readFileSync(file, 'utf8'));
  if (text === undefined) rmSync(file);
  else writeFileSync(file, text);
}

function reason(): string | undefined {
  try {
    readFinishedRun(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(DamagedRun);
    return (error as DamagedRun).reason;
  }
  return undefined;
}

const lines =
  (change: (lines: string[]) => string[]): Edit =>
  (text) =>
    `${change(text.trimEnd().split('\n')).join('\n')}\n`;
const json =
  (change: (value: Record<string, never>) => object): Edit =>
  (text) =>
    JSON.stringify(change(JSON.parse(text) as Record<string, never>));
const without = (name: string) => json(({ [name]: _, ...rest }) => rest);
const column = (change: (cells: string[]) => string[]) =>
  lines((all) => all.map((line) => change(line.split(',')).join(',')));
const gone: Edit = () => undefined;
const empty: Edit = () => '';
const alias = (text: string) => `${text}extra: &a [*a]\n`;

describe('a run whose files do not agree does not count, and it is said why', () => {
  test.each<[string, string, Edit, string | RegExp]>([
    ['metrics.csv', 'gone', gone, 'metrics.csv is missing'],
    ['metrics.csv', 'empty', empty, 'metrics.csv: it is empty'],
    ['metrics.csv', 'a header only', lines(([header]) => [header]), 'metrics.csv has 0 rows (4 expected)'],
    [
      'metrics.csv',
      'without its last row',
      lines((all) => all.slice(0, -1)),
      'metrics.csv has 3 rows (4 expected)',
    ],
    [
      'metrics.csv',
      'without a row in between',
      lines((all) => all.toSpliced(2, 1)),
      'metrics.csv has 3 rows (4 expected)',
    ],
    [
      'metrics.csv',
      'with a row twice',
      lines((all) => all.toSpliced(2, 0, all[2])),
      'metrics.csv has 5 rows (4 expected)',
    ],
    [
      'metrics.csv',
      'with rows in another order',
      lines(([header, a, b, ...rest]) => [header, b, a, ...rest]),
      'metrics.csv: line 2: update 20 (10 expected)',
    ],
    [
      'metrics.csv',
      'cut within a number',
      (text) => text.slice(0, -3),
      'metrics.csv: its last line is cut short',
    ],
    [
      'metrics.csv',
      'cut before the last line end',
      (text) => text.slice(0, -1),
      'metrics.csv: its last line is cut short',
    ],
    [
      'metrics.csv',
      'with a word',
      (text) => text.replace(',0.5,', ',O.5,'),
      'metrics.csv: line 3: O.5 is no number',
    ],
    [
      'metrics.csv',
      'rounded',
      (text) => text.replace(',0.5,', ',0.50,'),
      'metrics.csv: line 3: "0.50" is not how byzsim writes a number',
    ],
    [
      'metrics.csv',
      'with a cell too many',
      (text) => text.replace(',0.5,', ',0.5,1,'),
      `metrics.csv: line 3: ${columns.length + 1} cells (${columns.length} expected)`,
    ],
    [
      'metrics.csv',
      'without a column',
      column((cells) => cells.toSpliced(5, 1)),
      'metrics.csv: column test_accuracy is missing',
    ],
    [
      'metrics.csv',
      'with a column twice',
      column((cells) => cells.toSpliced(5, 0, cells[5])),
      'metrics.csv: column test_accuracy is there twice',
    ],
    [
      'metrics.csv',
      'with a byte order mark',
      (text) => `\uFEFF${text}`,
      'metrics.csv: it begins with a byte order mark',
    ],
    [
      'metrics.csv',
      'without its header',
      lines((all) => all.slice(1)),
      'metrics.csv: column update is missing',
    ],
    [
      'metrics.csv',
      'with another value in between',
      (text) => text.replace(',0.5,', ',0.6,'),
      'metrics.csv is not as it was when the run ended',
    ],
    [
      'metrics.csv',
      'with another value at the end',
      (text) => text.replace(',0.76,', ',0.77,'),
      'the last row of metrics.csv is not the final one of summary.json',
    ],
    [
      'metrics.csv',
      'of another seed',
      () => readFileSync(join(study, 'seed-2', 'metrics.csv'), 'utf8'),
      'the last row of metrics.csv is not the final one of summary.json',
    ],
    ['summary.json', 'empty', empty, 'summary.json: it is empty'],
    ['summary.json', 'cut short', (text) => text.slice(0, 40), /^summary\.json: .*JSON/],
    ['summary.json', 'no mapping', () => '[1]', /^summary\.json: expected object, received array/],
    ['summary.json', 'without a layout', without('schema'), 'summary.json: schema: expected 1'],
    ['summary.json', 'without a status', without('status'), /^summary\.json: status: /],
    [
      'summary.json',
      'without a final row',
      without('final'),
      'summary.json: final: expected record, received undefined',
    ],
    [
      'summary.json',
      'without a best row',
      without('best'),
      'summary.json: best: expected record, received undefined',
    ],
    [
      'summary.json',
      'with words for numbers',
      json((value) => ({ ...value, final: { update: '40' } })),
      'summary.json: final.update: expected number, received string',
    ],
    [
      'summary.json',
      'with another final row',
      json((value) => ({ ...value, final: { ...(value.final as object), test_loss: 1 } })),
      'the last row of metrics.csv is not the final one of summary.json',
    ],
    [
      'summary.json',
      'with a final row that lacks a value',
      json((value) => ({ ...value, final: { ...(value.final as object), test_accuracy: undefined } })),
      'the last row of metrics.csv is not the final one of summary.json',
    ],
    [
      'summary.json',
      'with another best row',
      json((value) => ({ ...value, best: { ...(value.best as object), test_accuracy: 0.99 } })),
      'metrics.csv lacks the best row of summary.json',
    ],
    [
      'summary.json',
      'of another seed',
      json((value) => ({ ...value, seed: 3 })),
      'config.yaml is of seed 1, summary.json of seed 3',
    ],
    [
      'summary.json',
      'of another number of updates',
      json((value) => ({ ...value, updates: 50 })),
      'summary.json is of 50 updates, config.yaml of 40',
    ],
    [
      'summary.json',
      'of another experiment',
      json((value) => ({ ...value, hash: 'f'.repeat(64) })),
      'config.yaml is not the config of summary.json',
    ],
    [
      'summary.json',
      'under another name',
      json((value) => ({ ...value, name: 'other' })),
      'config.yaml and summary.json have different names',
    ],
    ['config.yaml', 'gone', gone, 'config.yaml is missing'],
    ['config.yaml', 'empty', empty, 'config.yaml: its last line is cut short'],
    ['config.yaml', 'blank', () => '\n', 'config.yaml: it is empty'],
    ['config.yaml', 'no YAML', () => 'a: [1\n', /^config\.yaml: /],
    ['config.yaml', 'a key alone', () => 'a:\n', 'config.yaml: name: expected string, received undefined'],
    ['config.yaml', 'with an alias to itself', alias, 'config.yaml: it is nested without end'],
    ['config.yaml', 'with an alias to nothing', (text) => `${text}extra: *nothing\n`, /^config\.yaml: /],
    [
      'config.yaml',
      'with brackets for ever',
      (text) => `${text}extra: ${'['.repeat(1e5)}\n`,
      'config.yaml: it is nested without end',
    ],
    [
      'config.yaml',
      'with lists for ever',
      (text) => `${text}extra:\n  ${'- '.repeat(1e5)}1\n`,
      'config.yaml: it is nested without end',
    ],
    [
      'config.yaml',
      'with a meta that is none',
      (text) => text.replace('meta: []', 'meta: [null, 3]'),
      'config.yaml: aggregator.meta.0: expected object, received null',
    ],
    [
      'config.yaml',
      'of another experiment',
      (text) => text.replace('workers: 9', 'workers: 10'),
      'config.yaml is not the config of summary.json',
    ],
    [
      'config.yaml',
      'of another seed',
      () => readFileSync(join(study, 'seed-2', 'config.yaml'), 'utf8'),
      'config.yaml is of seed 2, summary.json of seed 1',
    ],
    ['meta.json', 'gone', gone, 'meta.json is missing'],
    ['meta.json', 'empty', empty, 'meta.json: it is empty'],
    ['meta.json', 'no mapping', () => '5', 'meta.json: expected object, received number'],
    [
      'meta.json',
      'with words for checksums',
      json((value) => ({ ...value, dataset_sha256: [1] })),
      /^meta\.json: dataset_sha256: /,
    ],
    [
      'meta.json',
      'with more than words in a command',
      json((value) => ({ ...value, argv: [{}] })),
      /^meta\.json: argv\.0: /,
    ],
    [
      'meta.json',
      'of another seed',
      json((value) => ({ ...value, seed: 2 })),
      'meta.json is of seed 2, summary.json of seed 1',
    ],
    [
      'meta.json',
      'of another experiment',
      json((value) => ({ ...value, hash: 'f' })),
      'meta.json and summary.json are of different experiments',
    ],
  ])('%s %s', (name, _, change, expected) => {
    edit(name, change);
    if (typeof expected === 'string') expect(reason()).toBe(expected);
    else expect(reason()).toMatch(expected);
    expect(readRunState(folder)).toEqual({ status: 'invalid', message: reason() });
    const { runs, damaged, notes } = readStudy([study]);
    expect(runs.map(({ seed }) => seed)).toEqual([2]);
    expect(damaged).toEqual([{ path: folder, reason: reason() }]);
    expect(notes).toEqual([`left out ${folder}: ${reason()}; byzsim run and byzsim sweep run it again`]);
  });

  test.each(['summary.json', 'meta.json', 'config.yaml', 'metrics.csv'])('%s is a folder', (name) => {
    rmSync(join(folder, name));
    mkdirSync(join(folder, name));
    expect(reason()).toBe(`${name}: it is a folder`);
  });

  test.skipIf(process.platform === 'win32')('a file that would never end is not waited for', () => {
    rmSync(join(folder, 'metrics.csv'));
    execFileSync('mkfifo', [join(folder, 'metrics.csv')]);
    expect(reason()).toBe('metrics.csv: it is no file');
  });

  test('the folder of another seed', () => {
    cpSync(folder, join(study, 'seed-3'), { recursive: true });
    folder = join(study, 'seed-3');
    expect(reason()).toBe('its files are of seed 1');
    expect(readStudy([study]).damaged).toHaveLength(1);
  });

  test('iterates.csv, where there was one', () => {
    const sum = '0'.repeat(64);
    edit(
      'summary.json',
      json((value) => ({ ...value, files_sha256: { 'iterates.csv': sum } })),
    );
    expect(reason()).toBe('iterates.csv is missing');
    writeFileSync(join(folder, 'iterates.csv'), 'update,x1\n');
    expect(reason()).toBe('iterates.csv is not as it was when the run ended');
  });

  test('a diverged run has the rows up to some row', () => {
    rmSync(folder, { recursive: true });
    writeRun(folder, { accuracies: [0.1, 0.2], updates: 40, diverged: 'it did' });
    expect(readFinishedRun(folder)?.metrics.rows).toHaveLength(2);
    edit(
      'metrics.csv',
      lines((all) => all.slice(0, -1)),
    );
    expect(reason()).toBe('the last row of metrics.csv is not the final one of summary.json');
  });
});

describe('a run counts', () => {
  test.each<[string, string, Edit]>([
    ['summary.json', 'keys of another version', json((value) => ({ ...value, extra: [1] }))],
    ['meta.json', 'keys of another version', json((value) => ({ ...value, extra: { a: 1 } }))],
    ['metrics.csv', 'the ends of lines of another system', (text) => text.replaceAll('\n', '\r\n')],
    ['config.yaml', 'the ends of lines of another system', (text) => text.replaceAll('\n', '\r\n')],
    [
      'config.yaml',
      'thresholds that it got later',
      (text) => `${text}thresholds: {final.test_loss: 'mean < 9'}\n`,
    ],
    ['summary.json', 'no checksums, as in earlier versions', without('files_sha256')],
  ])('whose %s has %s', (name, _, change) => {
    edit(name, change);
    expect(readFinishedRun(folder)?.summary).toMatchObject({ seed: 1, final: { test_accuracy: 0.76 } });
    expect(readFinishedRun(folder)?.metrics.lines).toHaveLength(4);
  });

  test('with a column of another version', () => {
    edit('metrics.csv', (text) => text.replace('update,', 'new,update,').replace(/^(?=\d)/gm, '7,'));
    edit(
      'summary.json',
      json(({ files_sha256: _, final, best, ...rest }) => ({
        ...rest,
        final: { ...(final as object), new: 7 },
        best: { ...(best as object), new: 7 },
      })),
    );
    expect(readFinishedRun(folder)?.metrics.rows[0]).toMatchObject({ new: 7, update: 10 });
    expect(readFinishedRun(folder)?.metrics.lines[0]).toMatch(/^7,10,/);
  });

  test('that diverged with numbers that JSON has no words for', () => {
    rmSync(folder, { recursive: true });
    const row = {
      time: 1,
      epoch: 1,
      train_loss: 1,
      byzantine_share: 0,
      staleness_mean: 1,
      staleness_max: 1,
      test_accuracy: 0.1,
    };
    const rows = [Infinity, NaN].map((test_loss, k) => ({ ...row, update: 10 * (k + 1), test_loss }));
    writeRun(folder, { rows, updates: 40, diverged: 'its test loss is NaN' });
    expect(readFinishedRun(folder)?.summary.final.test_loss).toBeNaN();
  });

  test('not before it has a summary', () => {
    edit('summary.json', gone);
    expect(readFinishedRun(folder)).toBeUndefined();
    expect(readRunState(folder)).toEqual({ status: 'interrupted' });
  });

  test('not for another version of the layout', () => {
    edit(
      'summary.json',
      json((value) => ({ ...value, schema: 2 })),
    );
    expect(() => readFinishedRun(folder)).toThrow(LayoutError);
    expect(() => readRunState(folder)).toThrow('this byzsim reads 1: choose another --out, or use --force');
  });

  test('not for another run than the one that is looked for', () => {
    const { hash } = readFinishedRun(folder)!.summary;
    const config = { updates: 40, evaluate: { every: 10 } };
    expect(readRunState(folder, { identity: { hash }, seed: 1, config }).status).toBe('done');
    const other = { status: 'invalid', message: `its files are of another run, test-${hash.slice(0, 8)}` };
    expect(readRunState(folder, { identity: { hash: 'other' }, seed: 1, config })).toEqual(other);
    expect(readRunState(folder, { identity: { hash }, seed: 2, config })).toEqual(other);
  });
});

describe('what is left of a run is missed', () => {
  test.each<[string, string[]]>([
    ['without meta.json and metrics.csv', ['meta.json', 'metrics.csv']],
    ['with its summary alone', ['meta.json', 'metrics.csv', 'config.yaml', 'timing.csv']],
    ['without anything', ['meta.json', 'metrics.csv', 'config.yaml', 'timing.csv', 'summary.json']],
  ])('%s', (_, names) => {
    for (const name of names) rmSync(join(folder, name));
    const { runs, damaged, unfinished, notes } = readStudy([study]);
    expect(runs.map(({ seed }) => seed)).toEqual([2]);
    expect([...damaged.map(({ path }) => path), ...unfinished]).toEqual([folder]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(`left out ${folder}: `);
  });
});
