import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { applyOverride, parseOverride } from '../../src/config/overrides.js';

const override = (raw: unknown, text: string) => applyOverride(raw, parseOverride(text));

describe('an override', () => {
  test.each([
    ['workers=5', ['workers'], 5],
    ['seeds=[1, 2]', ['seeds'], [1, 2]],
    ['optimizer.learningRate=1e-3', ['optimizer', 'learningRate'], 0.001],
    ['aggregator.meta.0.rule=ctma', ['aggregator', 'meta', 0, 'rule'], 'ctma'],
    ['dataset.points=a=b.csv', ['dataset', 'points'], 'a=b.csv'],
    ['name=', ['name'], null],
    ['arrival={process: pareto, alpha: 3}', ['arrival'], { process: 'pareto', alpha: 3 }],
  ])('%s', (text, path, value) => {
    expect(parseOverride(text)).toEqual({ text, path, value });
  });

  test.each(['workers', '=5', '.a=1', 'a..b=1', '0=1', '__proto__.x=1', '--workers=5'])(
    'is not %s',
    (text) => {
      expect(() => parseOverride(text)).toThrow('invalid override');
    },
  );

  test('says where its value is no YAML', () => {
    expect(() => parseOverride('seeds=[1, 2')).toThrow(/^invalid value: "\[1, 2"/);
  });
});

describe('applied', () => {
  test.each([
    [
      { aggregator: 'cwmed' },
      'aggregator.weighted=false',
      { aggregator: { rule: 'cwmed', weighted: false } },
    ],
    [
      { byzantine: { attack: 'empire' } },
      'byzantine.attack.factor=2',
      { byzantine: { attack: { attack: 'empire', factor: 2 } } },
    ],
    [{ arrival: 'id' }, 'arrival.process=pareto', { arrival: { speed: 'id', process: 'pareto' } }],
    [{ model: 'mlp' }, 'model.hidden=[5]', { model: { name: 'mlp', hidden: [5] } }],
    [
      { aggregator: { rule: 'mean', meta: ['nnm', 'ctma'] } },
      'aggregator.meta.1.lambda=0.1',
      { aggregator: { rule: 'mean', meta: ['nnm', { rule: 'ctma', lambda: 0.1 }] } },
    ],
    [{ seeds: [1, 2] }, 'seeds.0=7', { seeds: [7, 2] }],
    [{ evaluate: null }, 'evaluate.every=10', { evaluate: { every: 10 } }],
    [undefined, 'evaluate.every=10', { evaluate: { every: 10 } }],
    [{ aggregator: { rule: 'mean' } }, 'aggregator=cwmed', { aggregator: 'cwmed' }],
  ])('to %j: %s', (raw, text, expected) => {
    expect(override(raw, text)).toEqual(expected);
  });

  test.each([
    [{ workers: 5 }, 'workers.count=1', 'invalid key: count (workers is 5)'],
    [{ seeds: [1, 2] }, 'seeds.2=1', 'invalid index: 2 (seeds is a list of 2, from 0)'],
    [{ seeds: [1, 2] }, 'seeds.first=1', 'invalid index: first (seeds is a list of 2, from 0)'],
    [{ name: 'x' }, 'name.y=1', 'invalid key: y (name is x)'],
  ])('to %j, refused: %s', (raw, text, message) => {
    expect(() => override(raw, text)).toThrow(message);
  });

  const key = fc.stringMatching(/^[a-z][a-zA-Z]{0,5}$/);
  const value = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.string(),
    fc.array(fc.integer(), { maxLength: 3 }),
  );

  test('changes what it names and nothing else', () => {
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.dictionary(key, value)),
        key,
        key,
        value,
        (raw, outer, inner, changed) => {
          const before = structuredClone(raw);
          const text = `${outer}.${inner}=${stringify(changed, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()}`;
          expect(override(raw, text)).toEqual({ ...before, [outer]: { ...before[outer], [inner]: changed } });
          expect(raw).toEqual(before);
        },
      ),
    );
  });
});
