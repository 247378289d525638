import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePoints, points } from '../../src/data/points.js';
import { temporaryFolder } from './folder.js';

describe('points', () => {
  it('reads rows in file order, the same for training and test', async () => {
    const file = join(temporaryFolder(), 'points.csv');
    writeFileSync(file, 'x,y\r\n1,2.5\r\n-3e2,4\r\n\r\n');
    const dataset = await points.load({ name: 'points', file }, {});
    expect(dataset).toMatchObject({ shape: [2], classes: 0, order: 'file-order' });
    expect([...dataset.train.inputs]).toEqual([1, 2.5, -300, 4]);
    expect(dataset.train.count).toBe(2);
    expect(dataset.test).toEqual(dataset.train);
    expect(dataset.train.inputs.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('needs no header, and takes a first line with a number for data', () => {
    expect(parsePoints('1,2\n3,4', 'p.csv')).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(() => parsePoints('1,b\n3,4', 'p.csv')).toThrow(
      'invalid file p.csv:1: column 2 is no number: "b"',
    );
  });

  it('takes numbers in quotes for numbers, on the first line too, and titles in quotes for titles', () => {
    expect(parsePoints('"1","2"\n"3", 4\n', 'p.csv')).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(parsePoints('\n"x, in m","y ""old"""\n"3",4\n', 'p.csv')).toEqual([[3, 4]]);
  });

  it.each([
    ['1,2\n3\n', 'invalid file p.csv:2: 1 columns, expected 2'],
    ['1,2\n3,\n', 'invalid file p.csv:2: column 2 is no number: ""'],
    ['1\nInfinity\n', 'invalid file p.csv:2: column 1 is no number: "Infinity"'],
    ['1\n0x1\n', 'invalid file p.csv:2: column 1 is no number: "0x1"'],
    ['1\n1e999\n', 'invalid file p.csv:2: column 1 is no number: "1e999"'],
    ['1\n1e39\n', 'invalid file p.csv:2: column 1 is beyond the range of float32: 1e39'],
    ['1\n1_000\n', 'invalid file p.csv:2: column 1 is no number: "1_000"'],
    ['1\n""\n', 'invalid file p.csv:2: column 1 is no number: ""'],
    ['1,2\n"3,4\n5,6\n', 'invalid file p.csv:2: a quote that does not end'],
    [`1\n${'x'.repeat(100)}\n`, `invalid file p.csv:2: column 1 is no number: "${'x'.repeat(37)}..."`],
    // What looks like a number that is none, or like a missing one, is no title.
    ['0x1,0x2\n1,2\n', 'invalid file p.csv:1: column 1 is no number: "0x1"'],
    ['NaN,inf\n1,2\n', 'invalid file p.csv:1: column 1 is no number: "NaN"'],
    [',\n1,2\n', 'invalid file p.csv:1: column 1 is no number: ""'],
    ['1;2\n3;4\n', 'invalid file p.csv:1: column 1 is no number: "1;2"'],
    ['x,y\n1,2,3\n', 'invalid file p.csv:2: 3 columns, expected 2'],
    ['x,y\n', 'invalid file p.csv: no points'],
    ['', 'invalid file p.csv: no points'],
  ])('refuses %j', (text, message) => {
    expect(() => parsePoints(text, 'p.csv')).toThrow(message);
  });

  it('names a missing file', async () => {
    await expect(points.load({ name: 'points', file: '/no/such.csv' }, {})).rejects.toThrow(
      'missing points: /no/such.csv',
    );
  });
});
