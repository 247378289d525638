import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { damage, drawCase } from '../../src/robustness/case.js';

const total = (weights: readonly number[]) => weights.reduce((sum, weight) => sum + weight, 0);

describe('drawCase', () => {
  it.each([true, false])('leaves the good 1 - λ of the weight, where weights count: %s', (weighted) => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 0.499, noNaN: true })),
        (seed, lambda) => {
          const { vectors, weights, honest } = drawCase(lambda, weighted, randomStream(seed, 'case'));
          expect(vectors.length).toBe(weights.length);
          expect(honest).toBeGreaterThan(0);
          expect(new Set(vectors.map(({ length }) => length)).size).toBe(1);
          const share = total(weights.slice(honest)) / total(weights);
          expect(share).toBeLessThanOrEqual(lambda * (1 + 1e-12));
          if (weighted) expect(share).toBeCloseTo(lambda, 7);
          else expect(new Set(weights)).toEqual(new Set([1]));
        },
      ),
    );
  });
});

describe('damage', () => {
  const vectors = [
    [0, 0],
    [4, 0],
    [9, 9],
  ].map((values) => Float64Array.from(values));

  it('is |A - x̄|²/ρ² over the good, by weight', () => {
    // x̄ = (1, 0), ρ² = (3·1 + 1·9)/4 = 3.
    expect(damage({ vectors, weights: [3, 1, 5], honest: 2 }, [1, 3])).toBeCloseTo(3, 12);
    expect(damage({ vectors, weights: [3, 1, 5], honest: 2 }, [1, 0])).toBe(0);
  });

  it('is infinite where the good agree and the rule does not', () => {
    expect(damage({ vectors, weights: [1, 1, 1], honest: 1 }, [0, 1])).toBe(Infinity);
    expect(damage({ vectors, weights: [1, 1, 1], honest: 1 }, [0, 0])).toBe(0);
  });
});
