import { describe, expect, it } from 'vitest';
import type { Vector } from '../../src/compute/vectors/vectors.js';
import { StateTree } from '../../src/base/state.js';
import type { ExperimentConfig } from '../../src/simulation/config.js';
import { ByzantineWeightWatch } from '../../src/simulation/byzantine-weight.js';

type Watched = Pick<ExperimentConfig, 'workers' | 'byzantine' | 'aggregator'>;

/** Five workers, the last two Byzantine, λ = 0.4. */
const config = (aggregator: Partial<ExperimentConfig['aggregator']> = {}, count = 2): Watched => ({
  workers: 5,
  byzantine: { count, lambda: 0.4, schedule: 'random', attack: { attack: 'none' } },
  aggregator: { rule: 'cwmed', weighted: true, meta: [], ...aggregator },
});

/** What is counted in aggregations with these weights, and 0 for messages that are not finite. */
function count(config: Watched, weights: number[][]) {
  const watch = new ByzantineWeightWatch(config, new StateTree());
  const aggregate = watch.watch(() => ({}) as Vector);
  for (const row of weights)
    aggregate(
      [],
      row.map((weight) => weight || 100),
      row.map((weight) => weight > 0),
    );
  return watch.summary();
}

describe('the Byzantine share of the weight', () => {
  it('is held to λ, which is not exceeded where it is reached', () => {
    const weights = [
      [1, 1, 1, 1, 1],
      [1, 1, 1, 1, 2],
      [2, 2, 2, 2, 2],
      [3, 3, 3, 3, 4],
    ];
    expect(count(config(), weights)).toEqual({ lambda: 0.4, exceeded: 2, of: 4, largest: 0.5 });
  });

  it('is that of finite messages', () => {
    const weights = [
      [1, 1, 1, 9, 0],
      [1, 1, 1, 0, 0],
    ];
    expect(count(config(), weights)).toEqual({ lambda: 0.4, exceeded: 1, of: 2, largest: 0.75 });
  });

  it('is held to the least λ that a rule of the chain has of its own', () => {
    const meta = [{ rule: 'ctma', lambda: 0.45 }, { rule: 'ctma', lambda: 0.42 }, { rule: 'clipping' }];
    const weights = [
      [1, 1, 1, 1, 1],
      [4, 4, 4, 4, 5],
    ];
    expect(count(config({ meta }), weights)).toEqual({ lambda: 0.42, exceeded: 1, of: 2, largest: 9 / 21 });
  });

  it('counts every message once where updates do not count', () => {
    const unweighted = (meta: ExperimentConfig['aggregator']['meta']) => config({ weighted: false, meta });
    const weights = [[1, 1, 1, 90, 90]];
    expect(count(unweighted([{ rule: 'ctma', lambda: 0.3 }]), weights)).toEqual({
      lambda: 0.3,
      exceeded: 1,
      of: 1,
      largest: 0.4,
    });
    expect(count(unweighted([{ rule: 'ctma', f: 2 }]), weights)).toBeUndefined();
  });

  it('is nothing to watch where no worker is Byzantine', () => {
    expect(count(config({}, 0), [[1, 1, 1, 1, 1]])).toBeUndefined();
  });

  it('counts no aggregation that fails', () => {
    const watch = new ByzantineWeightWatch(config(), new StateTree());
    const aggregate = watch.watch(() => {
      throw new Error('no');
    });
    expect(() => aggregate([], [1, 1, 1, 1, 1], [true, true, true, true, true])).toThrow('no');
    expect(watch.summary()).toEqual({ lambda: 0.4, exceeded: 0, of: 0, largest: 0 });
  });
});
