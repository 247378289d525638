import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Messages } from './case.js';
import type { MeasuredProperty, Mismatch } from './property.js';
import type { Rule } from './rule.js';

/** Long enough to be told from the small things that programs keep. */
const dimension = 10_000;
const [before, measured] = [20, 60];

/** Nothing is left of messages and of what was made on the way, however often it aggregates. */
export const leaks: MeasuredProperty = {
  name: 'no leaks',
  states: 'memory does not grow with aggregations',
  async measure(rule) {
    const messages = longMessages(rule);
    return vectorsLeft(rule, messages) ?? (await memoryLeft(rule, messages));
  },
};

/** Few messages, as it need not be clever here. */
function longMessages({ sizes }: Rule): Messages {
  const { n, f } = sizes.find((size) => size.n >= 5) ?? sizes.at(-1)!;
  const rows = Array.from({ length: n }, (_, i) =>
    Array.from({ length: dimension }, (_, k) => Math.sin(1 + i * dimension + k)),
  );
  return { rows, weights: rows.map(() => 1), workers: rows.map((_, i) => i + 1), f, lambda: f / n };
}

function describe({ rows, f }: Messages): string {
  return `${rows.length} messages of ${dimension} numbers, f = ${f}`;
}

/** Vectors that nobody released, where somebody has to. */
function vectorsLeft(rule: Rule, messages: Messages): Mismatch | undefined {
  const { simd, tensors } = rule.implementations;
  for (const implementation of [simd, tensors]) {
    const { vectors, aggregate } = rule.make(messages, implementation);
    aggregate(messages);
    const start = implementation.alive(vectors);
    for (let k = 0; k < 5; k++) aggregate(messages);
    const left = implementation.alive(vectors) - start;
    if (left > 0)
      return {
        change: describe(messages),
        result: `${left} vectors more in use after 5 aggregations`,
        expected: 'as many as before',
      };
  }
  return undefined;
}

/** Numbers that are held from somewhere after each aggregation. */
async function memoryLeft(rule: Rule, messages: Messages): Promise<Mismatch | undefined> {
  const collect = garbageCollector();
  const { aggregate } = rule.make(messages);
  for (let k = 0; k < before; k++) aggregate(messages);
  const start = await collect();
  for (let k = 0; k < measured; k++) aggregate(messages);
  const grown = (await collect()) - start;
  // A float32 for every number of half of the results.
  if (grown < (measured / 2) * 4 * dimension) return undefined;
  return {
    change: describe(messages),
    result: `${(grown / 1e6).toFixed(1)} MB more in memory after ${measured} aggregations`,
    expected: 'no more than before',
  };
}

/** Frees what can be freed, and says how many bytes are left. */
function garbageCollector(): () => Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return async () => {
    // Array buffers are given back a turn later.
    for (let k = 0; k < 2; k++) {
      collect();
      await new Promise(setImmediate);
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
