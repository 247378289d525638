import { describe, expect, it } from 'vitest';
import { defineAggregator, type AggregatorDefinition } from '../../src/aggregators/aggregator.js';
import { cwmed } from '../../src/aggregators/cwmed.js';
import { measureRobustness } from '../../src/robustness/measure.js';
import { builtins, type Catalogue } from '../../src/simulation/catalogue.js';

const search = { cases: 60, seed: 1 };

/** The catalogue with a rule beside its own. */
function withRule(rule: AggregatorDefinition): Catalogue {
  return { ...builtins, aggregators: new Map([...builtins.aggregators, [rule.name, rule]]) };
}

describe('the greatest |A - x̄|²/ρ² found', () => {
  it.each([0, 0.2, 0.4])(
    'of ω-CWMed at λ = %f is near what is known to be the worst, and within its bound',
    async (lambda) => {
      const { found, bound, tried } = await measureRobustness('cwmed', lambda, builtins, search);
      expect(bound).toBeCloseTo(((1 - lambda) / (1 - 2 * lambda)) ** 2, 12);
      // On a line the median is off by σ/√(1 - 2λ) at worst.
      const known = 1 / (1 - 2 * lambda);
      expect(found).toBeLessThanOrEqual(known * (1 + 1e-6));
      expect(found).toBeGreaterThan(0.7 * known);
      expect(tried).toBeGreaterThan(search.cases);
    },
  );

  it('of ω-GM and of rules with ω-CTMA is within their bounds; without a proof there is none', async () => {
    const exact = { rule: 'geometric-median', tolerance: 1e-4 };
    for (const rule of [exact, { rule: 'cwmed', meta: ['ctma'] }]) {
      const { found, bound } = await measureRobustness(rule, 0.3, builtins, { ...search, cases: 20 });
      expect(found).toBeGreaterThan(0.5);
      expect(found).toBeLessThanOrEqual(bound!);
    }
    for (const rule of [
      'geometric-median',
      { rule: 'cwmed', meta: ['nnm'] },
      { rule: 'cwmed', meta: [{ rule: 'ctma', lambda: 0.1 }] },
    ])
      expect((await measureRobustness(rule, 0.3, builtins, { ...search, cases: 2 })).bound).toBeUndefined();
  });

  it('exceeds the bound that a rule claims and does not keep', async () => {
    const weakened = defineAggregator({
      ...(cwmed as AggregatorDefinition),
      name: 'forgetful',
      synonyms: [],
      create: () => (messages, weights) =>
        messages.weightedMedian(
          weights.map(() => 1),
          'upper',
        ),
    });
    const { found, bound, worst } = await measureRobustness('forgetful', 0.3, withRule(weakened), search);
    expect(found).toBeGreaterThan(bound!);
    expect(worst!.vectors.length).toBe(worst!.weights.length);
  });

  it('is the same for the same seed', async () => {
    const once = await measureRobustness('trimmed-mean', 0.2, builtins, { ...search, cases: 5 });
    expect(await measureRobustness('trimmed-mean', 0.2, builtins, { ...search, cases: 5 })).toEqual(once);
    expect(await measureRobustness('trimmed-mean', 0.2, builtins, { cases: 5, seed: 2 })).not.toEqual(once);
  });

  it('is unknown where no drawn case suits the rule', async () => {
    // Krum needs more than 2f + 2 messages, Bulyan at least 4f + 3.
    expect(
      (await measureRobustness('bulyan', 0.49, builtins, { ...search, cases: 3 })).found,
    ).toBeUndefined();
  });
});
