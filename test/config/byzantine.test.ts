import { expect, test } from 'vitest';
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
});
