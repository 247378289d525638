import { expect, test } from 'vitest';
import { outOfBounds, type Bounded } from '../../../src/simulation/byzsgd/bounds.js';

/** n_ps, f_ps, q_ps, n_w, f_w, q_w */
type Sizes = [number, number, number?, number?, number?, number?];

function problems([n, f, q, workers = 10, byzantine = 3, quorum]: Sizes, more: Partial<Bounded> = {}) {
  const servers = { count: n, byzantine: f, attack: { attack: 'none' }, quorum: q };
  const network = { delay: { process: 'exponential', mean: 1 } };
  return outOfBounds({ servers, network, quorum, ...more }, { workers, byzantine });
}

const synchronous: Partial<Bounded> = { network: 'synchronous' };

test('the bounds themselves are legal', () => {
  expect(problems([5, 1, 4, 10, 3, 7])).toEqual([]);
  expect(problems([8, 2, 6, 4, 1, 3])).toEqual([]);
  expect(problems([9, 1, 4, 10, 1, 3])).toEqual([]);
  expect(problems([2, 0, 2, 1, 0, 1])).toEqual([]);
  expect(problems([4, 1, undefined, 7, 3], synchronous)).toEqual([]);
  expect(problems([1, 0, 1, 10, 3, 7])).toEqual([]);
});

test('all that is out of bounds is told', () => {
  expect(problems([4, 1, 3, 9]).map(({ path }) => path.join('.'))).toEqual(['servers.count', 'workers']);
});

test.each<[Sizes, Partial<Bounded>, string, string]>([
  [
    [4, 1],
    {},
    'servers.count',
    'invalid count: 4 (expected n_ps >= 3 f_ps + 2 = 5, with n_ps = 4 and f_ps = 1)',
  ],
  [
    [1, 0, 1, 9, 3],
    {},
    'workers',
    'invalid workers: 9 (expected n_w >= 3 f_w + 1 = 10, with n_w = 9 and f_w = 3)',
  ],
  [
    [5, 1, 3],
    {},
    'servers.quorum',
    'invalid quorum: 3 (expected 2 f_ps + 2 <= q_ps <= n_ps - f_ps, 4 to 4, with n_ps = 5 and f_ps = 1)',
  ],
  [
    [9, 1, 9],
    {},
    'servers.quorum',
    'invalid quorum: 9 (expected 2 f_ps + 2 <= q_ps <= n_ps - f_ps, 4 to 8, with n_ps = 9 and f_ps = 1)',
  ],
  [
    [5, 1, 4, 10, 3, 8],
    {},
    'quorum',
    'invalid quorum: 8 (expected 2 f_w + 1 <= q_w <= n_w - f_w, 7 to 7, with n_w = 10 and f_w = 3)',
  ],
  [
    [5, 1, 4, 12, 3, 6],
    {},
    'quorum',
    'invalid quorum: 6 (expected 2 f_w + 1 <= q_w <= n_w - f_w, 7 to 9, with n_w = 12 and f_w = 3)',
  ],
  [
    [3, 1],
    synchronous,
    'servers.count',
    'invalid count: 3 (expected n_ps >= 3 f_ps + 1 = 4, with n_ps = 3 and f_ps = 1)',
  ],
  [
    [4, 1, undefined, 6],
    synchronous,
    'workers',
    'invalid workers: 6 (expected n_w >= 2 f_w + 1 = 7, with n_w = 6 and f_w = 3)',
  ],
  [
    [4, 1, 3],
    synchronous,
    'servers.quorum',
    'invalid quorum: 3 (network: synchronous waits for all messages; leave it out)',
  ],
  [
    [4, 1],
    { ...synchronous, gatherEvery: 0 },
    'gatherEvery',
    'invalid gatherEvery: 0 (network: synchronous holds models to T; expected 1 or more)',
  ],
])('%j %j: %s', (sizes, more, path, message) => {
  expect(problems(sizes, more)).toEqual([{ path: path.split('.'), message }]);
});
