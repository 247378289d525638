import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DatasetConfig, InputSpec, UserFiles } from '../../src/data/dataset.js';
import { sha256 } from '../../src/data/files.js';
import { table } from '../../src/data/table.js';
import { temporaryFolder } from './folder.js';

const { examine } = table.input as UserFiles;

function written(text: string, name = 't.csv', folder = temporaryFolder()): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** As a config has it once it is resolved. */
async function resolved(config: DatasetConfig): Promise<{ input: InputSpec; config: DatasetConfig }> {
  const examined = await examine(config);
  if ('issue' in examined) throw new Error(examined.issue.message);
  return { input: examined.input, config: { ...config, ...examined.decided } };
}

const titled = 'age,size,kind\n1,10,b\n3,10,a\n5,10,b\n7,10,a\n9,10,c\n';

describe('table', () => {
  it('has the classes of a column of words, sorted, and takes the others for numbers', async () => {
    const file = written(titled);
    const { input, config } = await resolved({ name: 'table', file, label: 'kind', test: 0.4 });
    expect(input).toEqual({ shape: [2], classes: 3 });
    expect(config.task).toBe('classification');
    const { train, test, checksums, order, classNames } = await table.load(config, {});
    expect(classNames).toEqual(['a', 'b', 'c']);
    expect([train.count, test.count, order]).toEqual([3, 2, 'shuffled']);
    expect(checksums).toEqual({ 't.csv': sha256(Buffer.from(titled)) });
    for (const { inputs, labels } of [train, test])
      for (const array of [inputs, labels]) expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
    // Each row is in one split: age and class go together.
    const kinds = new Map([...train.labels, ...test.labels].map((label, k) => [k, 'abc'[label]]));
    expect([...kinds.values()].sort().join('')).toBe('aabbc');
  });

  it('standardises by the training rows alone; a column that never changes becomes 0', async () => {
    const test = written('x,y,z\n7,5,1.5\n', 'other.csv');
    const file = written('x,y,z\n1,5,0.5\n3,5,1.5\n');
    const { config } = await resolved({ name: 'table', file, label: 'z', test });
    const loaded = await table.load(config, {});
    expect([...loaded.train.inputs]).toEqual([-1, 0, 1, 0]);
    expect([...loaded.test.inputs]).toEqual([5, 0]);
    // Labels that are numbers too: 0.5 and 1.5 have mean 1 and deviation ½.
    expect([...loaded.train.labels]).toEqual([-1, 1]);
    expect([...loaded.test.labels]).toEqual([1]);
    expect(loaded).toMatchObject({ shape: [2], classes: 0, numeric: true });
    expect(Object.keys(loaded.checksums)).toEqual(['t.csv', 'other.csv']);
  });

  it.each([
    ['whole numbers are classes, by size', 'x,y\n1,10\n2,9\n3,10\n', 'classification', 2],
    ['others are predicted', 'x,y\n1,10\n2,9.5\n3,10\n', 'regression', 0],
    ['words are classes', 'x,y\n1,yes\n2,no\n3,none\n4,no\n', 'classification', 3],
  ])('%s', async (_, text, task, classes) => {
    const { config, input } = await resolved({ name: 'table', file: written(text), label: 'y', test: 0.3 });
    expect([config.task, input.classes]).toEqual([task, classes]);
  });

  it('takes cells in quotes with commas, quotes and ends of lines in them', async () => {
    const file = written('x,"the ""kind"", if\nany"\n1,"a, b"\n2,"c\nd"\n3,"a, b"\n');
    const { config, input } = await resolved({
      name: 'table',
      file,
      label: 'the "kind", if\nany',
      test: 0.3,
    });
    expect([config.task, input.classes, input.shape]).toEqual(['classification', 2, [1]]);
  });

  it('sorts whole numbers by size', async () => {
    const file = written('1,10\n2,9\n3,-1\n');
    const test = written('1,9\n2,10\n1,-1\n', 'test.csv');
    const { config } = await resolved({ name: 'table', file, label: 2, test });
    expect([...(await table.load(config, {})).test.labels]).toEqual([1, 2, 0]);
  });

  it('predicts whole numbers where it is told to', async () => {
    const file = written('x,y\n1,10\n2,20\n');
    const { input } = await resolved({ name: 'table', file, label: 'y', test: 0.5, task: 'regression' });
    expect(input).toEqual({ shape: [1], classes: 0, numeric: true });
  });

  it('keeps the same rows for tests each time, at least one and never all', async () => {
    const text = `x,y\n${Array.from({ length: 50 }, (_, k) => `${k},${k % 2}`).join('\n')}`;
    const file = written(text);
    const load = async (test: number) =>
      table.load((await resolved({ name: 'table', file, label: 'y', test, task: 'regression' })).config, {});
    const [once, again] = [await load(0.2), await load(0.2)];
    expect(once).toEqual(again);
    expect(once.test.count).toBe(10);
    expect((await load(0.001)).test.count).toBe(1);
    expect((await load(0.999)).train.count).toBe(1);
  });

  it('leaves a training row of every class', async () => {
    const file = written(`x,y\n${Array.from({ length: 40 }, (_, k) => `${k},${k % 20}`).join('\n')}`);
    const load = async (test: number) =>
      table.load((await resolved({ name: 'table', file, label: 'y', test })).config, {});
    expect(new Set((await load(0.4)).train.labels).size).toBe(20);
    const { train, test } = await load(0.9);
    expect([new Set(train.labels).size, train.count, test.count]).toEqual([20, 20, 20]);
  });

  it.each<[string, string, Partial<DatasetConfig>, string]>([
    ['an empty cell', 'x,y\n1,a\n,b\n', {}, 't.csv:3: column 1 (x) is no number: ""'],
    ['a missing one', 'x,y\n1,a\nNA,b\n', {}, 't.csv:3: column 1 (x) is no number: "NA"'],
    ['a word', '1,a\n2,b\nthree,a\n', { label: 2 }, 't.csv:3: column 1 is no number: "three"'],
    ['a missing label', 'x,y\n1,a\n2,\n', {}, 't.csv:3: column 2 (y) has no label: ""'],
    ['a label that is not there', 'x,y\n1,a\n2,NaN\n', {}, 't.csv:3: column 2 (y) has no label: "NaN"'],
    ['a word among numbers', 'x,y\n1,0\n2,b\n', {}, 't.csv:3: column 2 (y) is no whole number: "b"'],
    ['a number among words', 'x,y\n1,a\n2,7\n', {}, 't.csv:3: column 2 (y) is a number, not a word: "7"'],
    [
      'a missing number',
      'x,y\n1,0.5\n2,?\n',
      { task: 'regression' },
      't.csv:3: column 2 (y) is no number: "?"',
    ],
    ['a row too short', 'x,y\n1,a\n2\n', {}, 't.csv:3: 1 columns, expected 2'],
    ['one class', 'x,y\n1,a\n2,a\n', {}, 't.csv: column 2 (y) has one class only: "a"'],
    [
      'a row of each class',
      'x,y\n1,a\n2,b\n',
      {},
      't.csv: one row of each class only: none is left for tests',
    ],
    ['one row', 'x,y\n1,0.5\n', {}, 't.csv: one row only: none is left for tests'],
    ['no rows', 'x,y\n', {}, 't.csv: no rows below the titles'],
    ['nothing', '', {}, 't.csv: no rows'],
    ['no features', 'y\n1\n2\n', {}, 't.csv: no column beside that of labels'],
    ['another column', 'x,kind\n1,a\n', { label: 'kid' }, 'unknown column: kid (did you mean kind?)'],
    ['a column beyond the last', '1,2\n3,4\n', { label: 3 }, 'invalid label: 3 (FILE has 2 columns)'],
    [
      'two columns of one title',
      'y,x,y\n1,2,3\n',
      {},
      'invalid label: y (columns 1 and 3 are called so; give a number, from 1)',
    ],
    [
      'too many classes',
      `x,y\n${Array.from({ length: 300 }, (_, k) => `1,${k}`).join('\n')}`,
      {},
      't.csv: column 2 (y) has 300 classes (at most 256; write task: regression to predict the number)',
    ],
  ])('refuses %s', async (_, text, given, message) => {
    const file = written(text);
    const config = { name: 'table', file, label: 'y', test: 0.5, ...given };
    await expect(resolved(config)).rejects.toThrow(message.replace('FILE', file));
  });

  it.each([
    ['other columns', 'y,x\na,1\n', /test\.csv: its columns are y, x, those of .*t\.csv are x, y/],
    ['a class that training lacks', 'x,y\n1,a\n2,c\n', /test\.csv:3: column 2 \(y\) is "c", a class without/],
  ])('refuses a test file with %s', async (_, text, message) => {
    const config = {
      name: 'table',
      file: written('x,y\n1,a\n2,b\n'),
      label: 'y',
      test: written(text, 'test.csv'),
    };
    await expect(resolved(config)).rejects.toThrow(message);
  });

  it('refuses to be its own test file, and tells files of one name apart', async () => {
    const file = written('x,y\n1,a\n2,b\n');
    await expect(resolved({ name: 'table', file, label: 'y', test: file })).rejects.toThrow(
      'invalid test: it is the table itself',
    );
    const test = written('x,y\n1,a\n');
    const { config } = await resolved({ name: 'table', file, label: 'y', test });
    expect(Object.keys((await table.load(config, {})).checksums)).toEqual([file, test]);
  });
});
