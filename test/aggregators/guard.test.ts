import { describe, expect, it } from 'vitest';
import { finiteRows } from '../../src/aggregators/guard.js';
import { ExperimentError } from '../../src/base/errors.js';
import { aggregate } from './support.js';

const finite = (faults: readonly number[], n: number) =>
  Array.from({ length: n }, (_, i) => !faults.includes(i + 1));

describe('messages that are not finite', () => {
  it('are left out up to f of them', () => {
    expect(finiteRows(finite([], 3), 0)).toEqual([0, 1, 2]);
    expect(finiteRows(finite([2, 5], 5), 2)).toEqual([0, 2, 3]);
  });

  it('name their workers when they are more than f', () => {
    expect(() => finiteRows(finite([2, 4, 5], 5), 2)).toThrow(
      new ExperimentError(
        'too few finite messages: workers 2, 4 and 5 sent messages that are not finite, but at most f = 2 of n = 5 may be Byzantine',
      ),
    );
  });

  it('may be all but one where none is expected', () => {
    expect(finiteRows(finite([1, 2], 3), 0)).toEqual([2]);
    expect(() => finiteRows(finite([1], 1), 0)).toThrow(/worker 1 sent a message that is not finite/);
  });

  it('take their weight with them', () => {
    const rows = [[1], [2], [NaN], [4]];
    expect(aggregate('cwmed', rows, { weights: [1, 1, 100, 3], byzantine: 1 })).toEqual([4]);
  });

  it('lower the f of the rule, also where it is spelled out', () => {
    // 2 largest and smallest of 5 would leave the middle one; one outlier is gone, so one is enough.
    const rows = [[1], [2], [4], [Infinity], [9]];
    expect(aggregate({ rule: 'trimmed-mean', f: 2 }, rows, { byzantine: 2 })).toEqual([3]);
  });

  it('never pass for the reference of monna', () => {
    const rows = [[NaN], [1], [2], [3], [4]];
    expect(() => aggregate({ rule: 'monna', reference: 1 }, rows, { byzantine: 1 })).toThrow(
      /monna: the message of its reference worker 1 is not finite/,
    );
    expect(aggregate({ rule: 'monna', reference: 5 }, rows, { byzantine: 2 })).toEqual([3]);
  });
});
