import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readStudy } from '../../src/study/study.js';
import { writeFailure } from '../../src/study/run-state.js';
import { temporaryFolder, writeRun } from '../support/study.js';

function study(): string {
  const folder = temporaryFolder();
  for (const seed of [1, 2]) {
    writeRun(join(folder, 'a', `seed-${seed}`), { seed });
    writeRun(join(folder, 'b', `seed-${seed}`), { seed, rule: 'krum', weighted: false });
  }
  return folder;
}

describe('runs are found', () => {
  test('in a study, an experiment, a run and any mixture, each once', () => {
    const folder = study();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    const names = (...paths: string[]) => readStudy(paths).runs.map(({ path }) => path);
    const all = [join(a, 'seed-1'), join(a, 'seed-2'), join(b, 'seed-1'), join(b, 'seed-2')];
    expect(names(folder)).toEqual(all);
    expect(names(a)).toEqual(all.slice(0, 2));
    expect(names(join(b, 'seed-2'))).toEqual([all[3]]);
    expect(names(join(a, 'seed-1'), b, a)).toEqual([all[0], all[2], all[3], all[1]]);
  });

  test('with what they were configured with and measured', () => {
    const [first] = readStudy([study()]).runs;
    expect(Object.fromEntries(first.axes)).toMatchObject({
      dataset: 'digits',
      workers: 9,
      'byzantine.lambda': 0.4,
      'byzantine.attack.attack': 'sign-flip',
      'aggregator.rule': 'cwmed',
      'aggregator.weighted': true,
      'aggregator.meta': 'none',
    });
    expect(first.axes.has('name') || first.axes.has('seeds')).toBe(false);
    expect(first.rows.map((row) => row.update)).toEqual([10, 20, 30]);
    expect(first.rows[1].test_accuracy).toBe(0.5);
    expect(first.rows[1].staleness_max).toBeUndefined();
  });

  test('beside tables of a whole study and files given by a shell pattern', () => {
    const folder = study();
    writeFileSync(join(folder, 'metrics.csv'), 'of,the,whole,study\n');
    const { runs, notes } = readStudy([join(folder, 'a'), join(folder, 'metrics.csv')]);
    expect(runs).toHaveLength(2);
    expect(notes).toEqual([`left out ${join(folder, 'metrics.csv')}: not a folder`]);
    expect(readStudy([folder]).runs).toHaveLength(4);
  });
});

describe('a run that is there twice', () => {
  const values = [0.1, 0.5, 0.9];
  test.each([
    ['with the same values counts once', values, undefined],
    ['with other values is named', [0.1, 0.4, 0.9], 'train_loss at update 20 is 1.6 here, 1.5 there'],
  ])('%s', (_, accuracies, difference) => {
    const folder = temporaryFolder();
    const [a, b] = ['a', 'b'].map((name) => join(folder, name, 'seed-1'));
    writeRun(a, { accuracies: values });
    writeRun(b, { accuracies });
    const { runs, notes, conflicts, damaged } = readStudy([folder]);
    expect(runs.map(({ path }) => path)).toEqual([a]);
    const reason = `the same run as ${a}${difference === undefined ? '' : ` with other values: ${difference}`}`;
    expect(notes).toEqual([`left out ${b}: ${reason}`]);
    expect(conflicts.map(({ path, reason }) => ({ path, reason }))).toEqual(
      difference === undefined ? [] : [{ path: b, reason }],
    );
    expect(damaged).toEqual([]);
  });

  test('is named where one of them diverged', () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b'])
      writeRun(join(folder, name, 'seed-1'), { diverged: name === 'b' ? 'too far' : undefined });
    const [{ path, reason }] = readStudy([folder]).conflicts;
    expect(path).toBe(join(folder, 'b', 'seed-1'));
    expect(reason).toMatch(/: it is diverged here, done there$/);
  });
});

describe('what is no finished run of this version', () => {
  test('unfinished runs are left out with a note', () => {
    const folder = study();
    writeRun(join(folder, 'a', 'seed-3'), { seed: 3, finished: false });
    const { runs, notes } = readStudy([folder]);
    expect(runs).toHaveLength(4);
    expect(notes).toEqual([`left out ${join(folder, 'a', 'seed-3')}: not finished`]);
  });

  test('a copy of a run does not count twice', () => {
    const folder = study();
    cpSync(join(folder, 'a'), join(folder, 'copy'), { recursive: true });
    const { runs, notes } = readStudy([folder]);
    expect(runs).toHaveLength(4);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toBe(
      `left out ${join(folder, 'copy', 'seed-1')}: the same run as ${join(folder, 'a', 'seed-1')}`,
    );
  });

  test('a diverged run is read, with a note of what happened', () => {
    const folder = temporaryFolder();
    writeRun(join(folder, 'seed-1'), { diverged: 'the model diverged at update 31' });
    const { runs, notes } = readStudy([folder]);
    expect(runs).toHaveLength(1);
    expect(notes[0]).toContain('the model diverged at update 31');
  });

  test.each(['meta.json', 'summary.json'])('another layout in %s is refused', (name) => {
    const folder = study();
    const file = join(folder, 'b', 'seed-1', name);
    const content = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...content, schema: 99 }));
    expect(() => readStudy([folder])).toThrow(
      `${join(folder, 'b', 'seed-1')} was written in layout 99, this byzsim reads 1`,
    );
  });

  test('nothing at all, and why', () => {
    const folder = temporaryFolder();
    expect(() => readStudy([join(folder, 'nowhere')])).toThrow(`missing results: ${join(folder, 'nowhere')}`);
    mkdirSync(join(folder, 'empty'));
    expect(() => readStudy([folder])).toThrow(`missing runs: no finished run in ${folder}`);
    writeRun(join(folder, 'seed-1'), { finished: false });
    expect(() => readStudy([folder])).toThrow(/left out .*seed-1: not finished/);
  });

  test('a damaged run is left out with its file and line, and is the only one', () => {
    const folder = study();
    const file = join(folder, 'a', 'seed-1', 'metrics.csv');
    writeFileSync(file, readFileSync(file, 'utf8').replace(',0.5,', ',O.5,'));
    const { runs, notes } = readStudy([folder]);
    expect(runs).toHaveLength(3);
    expect(notes).toEqual([
      `left out ${join(folder, 'a', 'seed-1')}: metrics.csv: line 3: O.5 is no number; ` +
        'byzsim run and byzsim sweep run it again',
    ]);
    rmSync(join(folder, 'a'), { recursive: true });
    writeFileSync(join(folder, 'b', 'seed-1', 'config.yaml'), 'a: [1');
    rmSync(join(folder, 'b', 'seed-2', 'summary.json'));
    expect(() => readStudy([folder])).toThrow(
      /^missing runs: no finished run in .*\n {2}left out .*seed-1: config\.yaml: .*\n {2}left out .*seed-2: not finished$/,
    );
  });

  test('what a failed run died of is said', () => {
    const folder = study();
    const failed = join(folder, 'a', 'seed-3');
    writeRun(failed, { seed: 3, finished: false });
    writeFailure(failed, 'killed by SIGKILL');
    expect(readStudy([folder]).notes).toEqual([`left out ${failed}: it failed: killed by SIGKILL`]);
    writeFileSync(join(failed, 'failure.json'), '{}');
    expect(readStudy([folder]).notes[0]).toContain(`it failed: unreadable ${join(failed, 'failure.json')}: `);
  });

  test('summaries of experiments, and what else lies there, are no runs', () => {
    const folder = study();
    writeFileSync(join(folder, 'a', 'summary.json'), '');
    writeFileSync(join(folder, 'a', 'config.yaml'), 'my: own\n');
    writeFileSync(join(folder, 'config.yaml'), 'my: own\n');
    expect(readStudy([folder])).toMatchObject({ notes: [], damaged: [], unfinished: [] });
  });

  test('seeds of one experiment on different data: a note', () => {
    const folder = study();
    for (const [seed, sum] of [
      [1, 'x'],
      [2, 'y'],
    ] as const) {
      const file = join(folder, 'a', `seed-${seed}`, 'meta.json');
      const meta = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...meta, dataset_sha256: { 'one.bin': sum, 'two.bin': 'z' } }));
    }
    const [a, b] = [1, 2].map((seed) => join(folder, 'a', `seed-${seed}`));
    expect(readStudy([folder]).notes).toEqual([
      `${a} and ${b} are seeds of one experiment on different data (one.bin); ` +
        'byzsim run and byzsim sweep run again what is not of the data here',
    ]);
  });
});

test('the studies that are kept with the program are whole', () => {
  const paper = fileURLToPath(new URL('../../results/paper', import.meta.url));
  const { runs, notes, damaged, missing } = readStudy([paper]);
  expect(runs.length).toBeGreaterThan(100);
  expect([...damaged, ...missing]).toEqual([]);
  expect(notes.filter((note) => !note.includes('the same run as'))).toEqual([]);
});
