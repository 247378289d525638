import { expect, test } from 'vitest';
import { kindsOf } from '../../src/config/kinds.js';
import { resolveNamed } from '../../src/config/named.js';
import { builtins } from '../../src/simulation/catalogue.js';

const { optimizer } = kindsOf(builtins);
const resolve = (parameters: object) => resolveNamed({ name: 'sgd', ...parameters }, optimizer);
const issues = (milestones: unknown) => resolve({ milestones }).issues;

test('defaults of milestones are filled in, and those of none leave nothing', () => {
  expect(resolve({ milestones: { at: [3] } }).parameters.milestones).toEqual({ at: [3], factor: 0.1 });
  expect(resolve({ weightDecay: 0 }).parameters).toEqual({ learningRate: 0.01 });
});

test('what is wrong inside of a mapping is said where it stands', () => {
  const list = 'list of 1 to 100 integers in [1, 1000000000]';
  expect(issues([3])).toMatchObject([
    { path: ['milestones'], message: 'invalid milestones: [3] (expected mapping with at, factor)' },
  ]);
  expect(issues({})).toMatchObject([
    { path: ['milestones'], message: `missing at: milestones needs one (${list})` },
  ]);
  expect(issues({ at: 3 })).toMatchObject([
    { path: ['milestones', 'at'], message: `invalid at: 3 (expected ${list})` },
  ]);
  expect(issues({ at: [3, 0] })).toMatchObject([
    { path: ['milestones', 'at', 1], message: 'invalid at[1]: 0 (expected integer in [1, 1000000000])' },
  ]);
  expect(issues({ at: [3, 3] })).toMatchObject([
    { path: ['milestones', 'at'], message: 'invalid at: [3, 3] (expected ascending numbers)' },
  ]);
  expect(issues({ at: [3], factr: 1 })).toMatchObject([
    { path: ['milestones', 'factr'], message: 'unknown key: factr (did you mean factor?)', atKey: true },
  ]);
});
