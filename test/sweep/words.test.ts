import { describe, expect, test } from 'vitest';
import { parseWords } from '../../src/sweep/words.js';

/** Values by key, as the words of a command line give them. */
function values(...words: string[]): Record<string, unknown[]> {
  const parsed = parseWords(words);
  expect(parsed.issues).toEqual([]);
  return Object.fromEntries(parsed.words.map(({ key, values }) => [key, values.map(({ value }) => value)]));
}

describe('words of the command line', () => {
  test.each<[string, unknown[]]>([
    ['aggregator=krum', ['krum']],
    ['aggregator=cwmed,krum', ['cwmed', 'krum']],
    ['aggregator={rule: krum, f: 2}', [{ rule: 'krum', f: 2 }]],
    ['aggregator=cwmed,{rule: krum, f: 2}', ['cwmed', { rule: 'krum', f: 2 }]],
    ['aggregator.meta=[],[nnm,ctma]', [[], ['nnm', 'ctma']]],
    ['aggregator.weighted=true,false', [true, false]],
    ['name="a,b"', ['a,b']],
    ['workers=range(0,5)', [0, 1, 2, 3, 4]],
    ['workers=range(1, 10, 3)', [1, 4, 7]],
    ['workers=range(3,0,-1)', [3, 2, 1]],
    ['workers=9,range(1,3)', [9, 1, 2]],
    ['byzantine.lambda=range(0.1,0.4,0.1)', [0.1, 0.2, 0.3]],
    ['seeds=1,2,3', [[1, 2, 3]]],
    ['seeds=[1,2,3]', [[1, 2, 3]]],
    ['seeds=4', [[4]]],
    ['seeds=range(0,3)', [[0, 1, 2]]],
    ['model=null', [null]],
  ])('%s', (word, expected) => {
    expect(Object.values(values(word))).toEqual([expected]);
  });

  test('of a key given twice the last counts', () => {
    expect(values('workers=1,2', 'workers=3')).toEqual({ workers: [3] });
  });

  test.each([
    ['workers', 'invalid override (write key.path=value, such as optimizer.learningRate=0.05)'],
    ['workers=1,,2', 'invalid list: 1,,2 (a value is missing)'],
    [
      'workers=range(5)',
      'invalid range: range(5) (write range(0,5) for 0, 1, 2, 3, 4, or range(start,end,step))',
    ],
    ['workers=range(5,1)', 'invalid range: range(5,1) (it is empty)'],
    ['workers=range(1,5,0)', 'invalid range: range(1,5,0) (it is empty)'],
    [
      'workers=range(0,1e9)',
      'invalid range: range(0,1e9) (1000000000 values are too many, the limit is 10000)',
    ],
    ['aggregator={rule: krum', /^invalid value: /],
  ])('refuses %s', (word, message) => {
    const [issue] = parseWords([word]).issues;
    expect(issue.origin).toEqual({ text: word });
    if (message instanceof RegExp) expect(issue.message).toMatch(message);
    else expect(issue.message).toBe(message);
  });
});
