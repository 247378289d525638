import { describe, expect, test } from 'vitest';
import type { Vector, Vectors } from '../../src/compute/vectors/vectors.js';
import { registry } from '../../src/base/definition.js';
import { optimizers as list } from '../../src/optimizers/index.js';
import type { OptimizerConfig } from '../../src/optimizers/optimizer.js';

const optimizers = registry(list);
const createOptimizer = (config: OptimizerConfig) => optimizers.get(config.name)!.create(config);

/** One-dimensional vectors, enough to follow a server by hand. */
class Number1 implements Vector {
  readonly dimension = 1;
  constructor(readonly value: number) {}
}
const line = {
  combine: (c: readonly number[], v: readonly Vector[]) =>
    new Number1(c.reduce((sum, factor, k) => sum + factor * (v[k] as Number1).value, 0)),
  release: () => undefined,
} as unknown as Vectors;

function models(config: OptimizerConfig, aggregates: number[]): number[] {
  const server = createOptimizer(config).server(line, new Number1(1));
  return aggregates.map((aggregate) => {
    server.step(new Number1(aggregate));
    return (server.model as Number1).value;
  });
}

describe('the server', () => {
  test('sgd and momentum: x ← x - η A', () => {
    expect(models({ name: 'sgd', learningRate: 0.1 }, [2, -1])).toEqual([0.8, 0.9]);
    expect(models({ name: 'momentum', learningRate: 0.1, beta: 0.9 }, [2, -1])).toEqual([0.8, 0.9]);
  });

  test('mu2-sgd fixed: w ← w - η A, x ← γ w + (1-γ) x', () => {
    const [first, second] = models(
      { name: 'mu2-sgd', form: 'fixed', learningRate: 0.1, beta: 0.25, gamma: 0.5 },
      [2, 2],
    );
    expect(first).toBeCloseTo(0.9, 12); // w = 0.8
    expect(second).toBeCloseTo(0.75, 12); // w = 0.6
  });

  test('mu2-sgd theory: w ← w - η t A, x the mean of all w weighted 1, 2, 3, …', () => {
    const aggregates = [2, -1, 0.5, 3];
    const w = [1];
    const expected = aggregates.map((aggregate, k) => {
      w.push(w[k] - 0.1 * (k + 1) * aggregate);
      const sum = w.reduce((total, value, j) => total + (j + 1) * value, 0);
      return sum / ((w.length * (w.length + 1)) / 2);
    });
    models({ name: 'mu2-sgd', form: 'theory', learningRate: 0.1 }, aggregates).forEach((x, k) =>
      expect(x).toBeCloseTo(expected[k], 12),
    );
  });

  test('mu2-sgd published: γ = max(2/(t+1) to 3 decimals, 0.01)', () => {
    const optimizer = createOptimizer({ name: 'mu2-sgd', form: 'published', learningRate: 0 });
    // With η = 0, w stays 1; starting x elsewhere shows γ.
    const gammas: number[] = [];
    const recorder = {
      combine: (c: readonly number[], v: readonly Vector[]) => {
        if (c.length === 2 && c[0] + c[1] === 1 && c[0] !== 1) gammas.push(c[0]);
        return v[0];
      },
      release: () => undefined,
    } as unknown as Vectors;
    const server = optimizer.server(recorder, new Number1(1));
    for (let t = 1; t <= 250; t++) server.step(new Number1(0));
    // t = 1 gives γ = 1, which the recorder cannot tell from a copy.
    expect(gammas.slice(0, 4)).toEqual([0.667, 0.5, 0.4, 0.333]);
    expect(gammas[29]).toBe(0.062); // t = 31: 2/32 = 0.0625, an exact half, goes to the even neighbour
    expect(gammas.at(-1)).toBe(0.01);
  });
});

describe('weight decay and milestones', () => {
  test('sgd and momentum: x ← x - η_t (A + λ x), at the model before the step', () => {
    const rule = { learningRate: 0.1, weightDecay: 0.5, milestones: { at: [2, 3], factor: 0.5 } };
    const expected = [
      1 - 0.1 * (2 + 0.5 * 1), // x = 0.75
      0.75 - 0.1 * (-1 + 0.5 * 0.75), // 0.8125: step 2 is the last before its milestone
      0.8125 - 0.05 * (4 + 0.5 * 0.8125), // 0.5921875
      0.5921875 - 0.025 * (0 + 0.5 * 0.5921875),
    ];
    for (const config of [
      { name: 'sgd', ...rule },
      { name: 'momentum', beta: 0.9, ...rule },
    ])
      models(config, [2, -1, 4, 0]).forEach((x, k) => expect(x).toBeCloseTo(expected[k], 12));
  });

  test('mu2-sgd: w ← w - η_t α_t (A + λ x), where x and not w is what gradients are taken at', () => {
    const rule = { learningRate: 0.1, weightDecay: 0.5, milestones: { at: [1], factor: 0.1 } };
    const [first, second] = models(
      { name: 'mu2-sgd', form: 'fixed', beta: 0.25, gamma: 0.5, ...rule },
      [2, 2],
    );
    // w = 1 - 0.1 (2 + 0.5) = 0.75, x = 0.875; w = 0.75 - 0.01 (2 + 0.5 x 0.875) = 0.725625.
    expect(first).toBeCloseTo(0.875, 12);
    expect(second).toBeCloseTo((0.725625 + 0.875) / 2, 12);

    const [, theory] = models({ name: 'mu2-sgd', form: 'theory', ...rule }, [2, 2]);
    // w = 0.75, x = 2/3 w + 1/3 = 5/6; α_2 = 2: w = 0.75 - 0.02 (2 + 5/12), x = w/2 + x/2.
    expect(theory).toBeCloseTo((0.75 - 0.02 * (2 + 5 / 12)) / 2 + 5 / 12, 12);

    const published = models({ name: 'mu2-sgd', form: 'published', ...rule }, [2, 2]);
    // γ = 1, then 0.667.
    expect(published[0]).toBeCloseTo(0.75, 12);
    expect(published[1]).toBeCloseTo(0.667 * (0.75 - 0.01 * (2 + 0.375)) + 0.333 * 0.75, 12);
  });

  test('without them the steps are the same bits as ever', () => {
    const aggregates = [0.3, -1.7, 1 / 3];
    for (const form of ['fixed', 'theory', 'published'] as const) {
      const config = {
        name: 'mu2-sgd',
        form,
        learningRate: 0.1,
        ...(form === 'fixed' && { beta: 0.25, gamma: 0.1 }),
      };
      expect(models({ ...config, weightDecay: undefined }, aggregates)).toEqual(models(config, aggregates));
    }
    expect(models({ name: 'sgd', learningRate: 0.1 }, [1 / 3])).toEqual([1 - 0.1 * (1 / 3)]);
  });
});

describe('the worker', () => {
  test('sgd sends its gradient, momentum a running mean', () => {
    expect(createOptimizer({ name: 'sgd', learningRate: 1 }).message(3)).toEqual({
      gradient: 1,
      previous: 0,
      reference: 0,
    });
    const { gradient, previous, reference } = createOptimizer({
      name: 'momentum',
      learningRate: 1,
      beta: 0.9,
    }).message(3);
    expect([gradient, previous, reference].map((c) => Number(c.toFixed(12)))).toEqual([0.1, 0.9, 0]);
  });

  test('mu2-sgd sends g + (1-β)(d - g̃), β by form', () => {
    const kept = (form: 'theory' | 'published', count: number) =>
      createOptimizer({ name: 'mu2-sgd', form, learningRate: 1 }).message(count).previous;
    expect(
      createOptimizer({ name: 'mu2-sgd', form: 'fixed', learningRate: 1, beta: 0.25, gamma: 0.1 }).message(9),
    ).toEqual({
      gradient: 1,
      previous: 0.75,
      reference: -0.75,
    });
    expect(kept('theory', 2)).toBe(0.5);
    expect(kept('theory', 1000)).toBeCloseTo(0.999, 12);
    expect(kept('published', 3)).toBeCloseTo(1 - 0.333, 12);
    expect(kept('published', 16)).toBeCloseTo(1 - 0.062, 12);
    expect(kept('published', 1000)).toBeCloseTo(0.99, 12);
  });
});
