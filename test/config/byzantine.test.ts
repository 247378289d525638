import { describe, expect, test } from 'vitest';
import { resolveByzantine } from '../../src/config/byzantine.js';
import { kindsOf } from '../../src/config/kinds.js';
import { builtins } from '../../src/simulation/catalogue.js';

const kinds = kindsOf(builtins);
const input = { shape: [28, 28, 1], classes: 10 };
const messages = (value: unknown, workers = 9) =>
  resolveByzantine(value, kinds, workers, input).issues.map(({ message }) => message);

test('a wrong count, fraction and attack are all reported', () => {
  expect(messages({ count: 9, lambda: 0.7, attack: 'sgn-flip' })).toEqual([
    'invalid lambda: 0.7 (expected number in [0, 0.5))',
    'invalid count: 9 (expected fewer than the 9 workers)',
    'unknown attack: sgn-flip (did you mean sign-flip?)',
  ]);
});

describe('an attack that carries out another', () => {
  const attack = (value: unknown) => ({ count: 3, attack: value });

  test('has the defaults of that one spelled out', () => {
    const given = attack({ attack: 'burst', until: 9, as: 'little' });
    const resolved = (weighted: boolean) =>
      resolveByzantine(given, kinds, 9, input, weighted).config?.attack as object;
    expect(resolved(true)).toEqual({ attack: 'burst', from: 0, until: 9, as: { attack: 'little' } });
    expect(resolved(false)).toHaveProperty('as', { attack: 'little', deviation: 'sample' });
  });

  test.each([
    [
      { attack: 'burst', from: 9, until: 9, as: 'empire' },
      /^invalid burst: until = 9 needs to be more than from = 9$/,
    ],
    [
      { attack: 'burst', from: 1, until: 9, every: 7, as: 'empire' },
      /^invalid burst: every = 7 needs to be at least until - from = 8$/,
    ],
    [{ attack: 'burst', as: 'empire' }, /^missing until: burst needs one/],
    ['stale', /^missing staleness: stale needs one \(integer in \[1, /],
    [
      { attack: 'sleeper', from: 9 },
      /^missing as: sleeper carries out another attack, one of none, label-flip, /,
    ],
    [
      { attack: 'sleeper', from: 9, as: { attack: 'burst', until: 3 } },
      /^invalid as: burst \(expected one of none, label-flip, /,
    ],
  ])('%j is refused', (value, message) => {
    expect(messages(attack(value))).toEqual([expect.stringMatching(message)]);
  });

  test('says what is wrong with that one, and where', () => {
    const issues = (as: unknown) =>
      resolveByzantine(attack({ attack: 'sleeper', from: 9, as }), kinds, 9, input).issues.map(
        ({ path, message }) => `${path.join('.')}: ${message}`,
      );
    expect(issues('sgn-flip')).toEqual(['attack.as: unknown attack: sgn-flip (did you mean sign-flip?)']);
    expect(issues({ attack: 'empire', factr: 2 })).toEqual([
      'attack.as.factr: unknown key: factr (did you mean factor?)',
    ]);
    expect(issues({ attack: 'mimic', worker: 7 })).toEqual([
      'attack.as: invalid mimic: worker = 7 needs an honest id, 1 to 6',
    ]);
  });

  test('flips no labels where there are none', () => {
    const value = attack({ attack: 'sleeper', from: 9, as: 'label-flip' });
    expect(
      resolveByzantine(value, kinds, 9, { shape: [3], classes: 0 }).issues.map(({ message }) => message),
    ).toEqual(['invalid attack: label-flip (needs labels that are classes, and the data have none)']);
  });
});

test('a wrong fraction leaves nothing for rules to be checked against', () => {
  expect(resolveByzantine({ count: 4, lambda: 0.7 }, kinds, 9, input).group).toBeUndefined();
});

test('λ is count / workers where nothing else is said, if that is below one half', () => {
  expect(resolveByzantine({ count: 3, attack: 'empire' }, kinds, 10, input).config).toMatchObject({
    lambda: 0.3,
  });
  expect(messages({ count: 5, attack: 'empire' })[0]).toMatch(
    /^missing lambda: 5 of 9 workers are Byzantine/,
  );
  const inStep = resolveByzantine({ count: 5, attack: 'empire' }, kinds, 9, input, false);
  expect(inStep.issues.map(({ message }) => message)).toEqual([
    'invalid count: 5 (expected fewer than half of the 9 workers: no rule withstands more; ' +
      'to see that, give lambda, which rules are told instead)',
  ]);
});
