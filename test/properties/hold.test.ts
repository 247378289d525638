import { beforeAll, describe, expect, test } from 'vitest';
import { aggregators, metaAggregators } from '../../src/aggregators/index.js';
import { defineAggregator, type AggregatorDefinition } from '../../src/aggregators/aggregator.js';
import { ascending, meanOf } from '../../src/aggregators/arithmetic.js';
import { loadImplementations, type Implementations } from '../../src/compute/vectors/implementations.js';
import type { Stack } from '../../src/compute/vectors/vectors.js';
import { hold, properties, type Verdict } from '../../src/properties/hold.js';
import { Rule, type Named } from '../../src/properties/rule.js';
import { builtins } from '../../src/simulation/catalogue.js';

let implementations: Implementations;
beforeAll(async () => {
  implementations = await loadImplementations();
});

function holdTo(named: Named, name: string, cases: number, catalogue = builtins): Promise<Verdict> {
  const rule = new Rule(named, catalogue, implementations);
  const property = properties.find((each) => each.name === name)!;
  return hold(rule, property, { cases, seed: 1, tolerances: { float64: 1e-9, float32: 1e-4 } });
}

const takesFirst = 'of equals it takes the first';

/** What does not hold, by design, and why. */
const exceptions: Record<string, Record<string, string>> = {
  mean: { outliers: 'nothing is left out' },
  'geometric-median': { translation: 'its steps begin at 0, and are few' },
  krum: { order: 'each of two nearest neighbours is as far from the other', ties: takesFirst },
  'multi-krum': { ties: takesFirst },
  bulyan: { order: 'it chooses like krum, in the end among few', ties: takesFirst },
  mda: { order: 'many subsets have the one pair that is furthest apart', ties: takesFirst },
  monna: {
    ids: 'it trusts one of them',
    ties: takesFirst,
    outliers: 'nor is the one that it trusts left out',
  },
  smea: { ties: takesFirst },
  'centered-clipping': {
    agreement: 'it moves by at most a radius, from 0',
    translation: 'it begins at 0',
    scaling: 'its radius is a length',
  },
  nnm: { ties: 'of neighbours that are equally near it takes the first' },
  bucketing: {
    order: 'its groups are drawn by position',
    ties: 'its groups are drawn by position',
    'not finite': 'the size of its groups comes from n and f',
  },
  clipping: {
    agreement: 'no message is longer than a radius',
    translation: 'lengths are from 0',
    scaling: 'its radius is a length',
  },
  arc: { translation: 'lengths are from 0' },
};

/** Parameters that have no default. */
const needed: Record<string, Record<string, unknown>> = { clipping: { radius: 1 } };

const rules: Named[] = [
  ...aggregators.map(({ name }) => ({ kind: 'aggregator', name, parameters: needed[name] ?? {} }) as const),
  ...metaAggregators.map(
    ({ name }) => ({ kind: 'metaAggregator', name, parameters: needed[name] ?? {} }) as const,
  ),
];

/** Those that remember, make vectors of their own and work around others: the measurement takes long. */
const measured = ['centered-clipping', 'krum', 'nnm', 'ctma'];

describe.each(rules.map((rule) => [rule.name, rule] as const))('%s', (name, rule) => {
  const those = properties.filter((property) => !('measure' in property) || measured.includes(name));
  test.each(those.map((property) => [property.name]))('%s', async (property) => {
    const isException = property in (exceptions[name] ?? {});
    const { verdict, counterExample } = await holdTo(rule, property, isException ? 200 : 12);
    const expected = isException ? ['does not hold'] : ['holds', 'does not apply'];
    expect(expected, JSON.stringify(counterExample)).toContain(verdict);
  });
});

test('every exception is one of a rule and a property that there are', () => {
  for (const [name, own] of Object.entries(exceptions)) {
    expect(rules.map((rule) => rule.name)).toContain(name);
    expect(properties.map((property) => property.name)).toEqual(expect.arrayContaining(Object.keys(own)));
  }
});

describe('a fault is found', () => {
  const kept: unknown[] = [];
  const lengths = (count: number) => Array.from({ length: count }, (_, i) => i);
  const equal = (count: number) => lengths(count).map(() => 1 / count);
  const define = (weighted: boolean, create: AggregatorDefinition['create']) => ({ weighted, create });

  /** A rule with one fault, the property that finds it, and the numbers of messages in the smallest counter-example. */
  const faults: Record<string, [ReturnType<typeof define>, string, number | undefined]> = {
    'a mean that forgets weights though it says weighted': [
      define(true, () => (messages) => messages.combine(equal(messages.size))),
      'copies',
      2,
    ],
    'a median that reads ids': [
      define(false, () => (messages, _, { workers }) => {
        const odd = lengths(messages.size).filter((i) => workers[i] % 2 === 1);
        const some = odd.length > 0 ? messages.select(odd) : messages;
        return some.weightedMedian(equal(some.size), 'lower');
      }),
      'ids',
      2,
    ],
    'a mean by inverse lengths, which is NaN where one is 0': [
      define(false, () => (messages) => {
        const weights = [...messages.norms()].map((norm) => 1 / norm);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        return messages.combine(weights.map((weight) => weight / total));
      }),
      'finite',
      1,
    ],
    'a mean that keeps what it made': [
      define(false, () => (messages) => {
        const result = messages.combine(equal(messages.size));
        kept.push(result);
        return result;
      }),
      'no leaks',
      undefined,
    ],
    'a mean of messages shorter than a length of its own': [
      define(false, () => (messages) => {
        const norms = messages.norms();
        return messages.combine([...norms].map((norm) => Math.min(1, 3 / norm) / messages.size));
      }),
      'scaling',
      1,
    ],
    'the message nearest to the mean, of two as near the first': [
      define(false, () => (messages) => {
        const distances = messages.distancesTo(messages.combine(equal(messages.size)));
        return messages.combine(meanOf(ascending(distances).slice(0, 1), messages.size));
      }),
      'ties',
      2,
    ],
    'a mean of n - f messages, f of the experiment and not of the round': [
      define(false, (_, { byzantine }) => (messages) => {
        const nearest = ascending(messages.norms()).slice(0, Math.max(1, messages.size - byzantine));
        return messages.combine(meanOf(nearest, messages.size));
      }),
      'not finite',
      3,
    ],
    'a mean that remembers beside its state': [
      define(false, () => {
        let last: ArrayLike<number> | undefined;
        return (messages, _, { vectors }) => {
          const mean = messages.combine(equal(messages.size));
          const result = last ? vectors.combine([0.5, 0.5], [mean, vectors.fromHost(last)]) : mean;
          last = vectors.toHost(result);
          return result;
        };
      }),
      'state',
      1,
    ],
    'a mean that writes into a message': [
      define(false, () => (messages) => {
        (messages.row(0) as unknown as { values: Float64Array }).values[0] += 1;
        return messages.combine(equal(messages.size));
      }),
      'messages kept',
      1,
    ],
    'a message drawn by Math.random': [
      define(
        false,
        () =>
          (messages, _, { vectors }) =>
            vectors.combine([Math.random()], [messages.row(0)]),
      ),
      'determinism',
      1,
    ],
    'a mean of n - f + 1 messages, one too many': [
      define(false, () => (messages, _, { f }) => {
        const median = messages.weightedMedian(equal(messages.size), 'lower');
        const nearest = ascending(messages.distancesTo(median)).slice(0, messages.size - f + 1);
        return messages.combine(meanOf(nearest, messages.size));
      }),
      'outliers',
      3,
    ],
    'a vector that is kept for the next round': [
      define(false, () => {
        let first: Stack | undefined;
        return (messages) => (first ??= messages).combine(equal(messages.size));
      }),
      'SIMD',
      1,
    ],
  };

  test.each(Object.entries(faults))('%s', async (_, [{ weighted, create }, property, size]) => {
    const faulty = defineAggregator({
      name: 'faulty',
      summary: 'has a fault',
      weighted,
      parameters: {},
      create,
    });
    const catalogue = { ...builtins, aggregators: new Map([...builtins.aggregators, ['faulty', faulty]]) };
    const named = { kind: 'aggregator', name: 'faulty', parameters: {} } as const;
    const { verdict, counterExample } = await holdTo(named, property, 200, catalogue as typeof builtins);
    expect(verdict).toBe('does not hold');
    expect(counterExample!.messages?.rows.length).toBe(size);
    kept.length = 0;
  });
});
