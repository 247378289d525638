import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const lines = (name: string) => readFileSync(`configs/paper/${name}`, 'utf8').trim().split('\n');
const counts = (rows: readonly string[]) => {
  const counted = new Map<string, number>();
  for (const row of rows) counted.set(row, (counted.get(row) ?? 0) + 1);
  return counted;
};

describe('the problems whose rates are measured have the least f that their sweeps say', () => {
  test('quadratic: corners of a cube, each as often as its opposite', () => {
    const points = counts(lines('rates-quadratic.csv'));
    for (const [point, count] of points) {
      const numbers = point.split(',').map(Number);
      expect(numbers.map(Math.abs)).toEqual([1, 1, 1, 1, 1]);
      expect(points.get(numbers.map((x) => -x).join())).toBe(count);
    }
  });

  test('logistic: every input four times, three of them with the label of its first column', () => {
    const [titles, ...rows] = lines('rates-logistic.csv');
    expect(titles).toBe('a,b,c,d,label');
    const inputs = counts(rows.map((row) => row.slice(0, row.lastIndexOf(','))));
    expect([...inputs.values()]).toEqual(new Array(64).fill(4));
    const labelled = counts(rows);
    for (const input of inputs.keys())
      expect(labelled.get(`${input},${input.startsWith('-') ? 0 : 1}`)).toBe(3);
    expect(lines('rates-logistic-test.csv').toSorted()).toEqual([titles, ...rows].toSorted());
  });
});
