import { describe, expect, test } from 'vitest';
import { HostVectors } from '../../../src/compute/vectors/host.js';
import { Filters } from '../../../src/simulation/byzsgd/filters.js';

const vectors = new HostVectors(1, Float64Array);
const at = (value: number) => vectors.fromHost([value]);

/** n_ps = 4, f_ps = 1, n_w = 3, f_w = 1, η = 0.1; a worker that was at 10 with gradient 10 at the last gather. */
function filters(more: object = {}): Filters {
  const own = new Filters({
    vectors,
    servers: 4,
    byzantineServers: 1,
    workers: 3,
    byzantineWorkers: 1,
    ...more,
  });
  own.accept(at(10), at(10), 0.1, true);
  return own;
}

describe('outliers', () => {
  // θ_local = 10 - 0.1 · 10 = 9; T = 2: η |g| ((3 · 2 + 2) · 2/4 + 2 · 1) = 1 · (4 + 2) = 6.
  const near = (model: number) => filters().passes(at(model), at(10), 1, 2);

  test('a model may be so far from the own prediction, and no farther', () => {
    expect([near(9 + 6), near(9 - 6)]).toEqual([true, true]);
    expect([near(9 + 6.001), near(9 - 6.001)]).toEqual([false, false]);
  });

  test('the reach grows with the steps since the gather', () => {
    expect(filters().passes(at(9 + 4), at(10), 0, 2)).toBe(true);
    expect(filters().passes(at(9 + 4.001), at(10), 0, 2)).toBe(false);
  });

  test('|g| is that of the last gather, the prediction that of the last model kept', () => {
    const own = filters();
    own.accept(at(20), at(50), 0.1, false);
    // θ_local = 20 - 5 = 15.
    expect(own.passes(at(15 + 6), at(50), 1, 2)).toBe(true);
    expect(own.passes(at(15 + 6.001), at(50), 1, 2)).toBe(false);
  });

  test('without Byzantine workers nothing is an outlier', () => {
    expect(filters({ byzantineWorkers: 0 }).passes(at(1e9), at(10), 1, 2)).toBe(true);
  });
});

describe('Lipschitz', () => {
  // All within reach of the outliers' filter.
  const passes = (own: Filters, quotient: number) => own.passes(at(11), at(10 + quotient), 1, 2);

  test('a quotient may be as great as the (n_ps - f_ps)/n_ps quantile of those before', () => {
    const own = filters();
    expect(passes(own, 5)).toBe(true);
    // Three quarters of one is that one.
    expect(passes(own, 5.001)).toBe(false);
    expect(passes(own, 1)).toBe(true);
    expect(passes(own, 2)).toBe(true);
    // Of 1, 2, 5, 5.001 the third.
    expect(passes(own, 5)).toBe(true);
    // Of 1, 2, 5, 5, 5.001 the fourth.
    expect(passes(own, 5.0005)).toBe(false);
  });

  test('the very model that is kept already passes', () => {
    const own = filters();
    expect(passes(own, 1)).toBe(true);
    expect(own.passes(at(10), at(99), 1, 2)).toBe(true);
  });
});

test('what is saved and loaded goes on alike', () => {
  const own = filters();
  own.passes(at(11), at(15), 1, 2);
  const other = filters();
  other.load(structuredClone(own.save()));
  for (const gradient of [16, 15, 14]) {
    expect(other.passes(at(11), at(gradient), 1, 2)).toBe(own.passes(at(11), at(gradient), 1, 2));
  }
  expect(other.save()).toEqual(own.save());
});
