import { deserialize, serialize } from 'node:v8';
import type { Case, Messages } from './case.js';
import type { Snapshot } from '../base/state.js';
import { differing, type CaseProperty } from './property.js';
import type { Fresh, Rule } from './rule.js';

/** Messages of three rounds that differ. */
function rounds(drawn: Case): Messages[] {
  const turned = (factor: number): Messages => ({
    ...drawn,
    rows: drawn.rows.map((row, i) => row.map((number, k) => factor * number + drawn.shift[k] * i)),
  });
  return [drawn, turned(-1), turned(2)];
}

/** Equal to the last bit. */
function identical(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, k) => Object.is(number, b[k]));
}

/** Same messages and draws, same bytes: nothing else is drawn, read or remembered between experiments. */
export const determinism: CaseProperty = {
  name: 'determinism',
  states: 'same messages and draws give the same bytes',
  position: 'general',
  check(rule, drawn) {
    const [expected, result] = [rule.aggregate(drawn), rule.aggregate(drawn)];
    return identical(result, expected)
      ? undefined
      : { messages: drawn, change: 'a second rule, made anew', result, expected };
  },
};

/** What it remembers is in its state, all of it. */
export const memory: CaseProperty = {
  name: 'state',
  states: 'what it remembers can be saved and loaded',
  position: 'general',
  async check(rule, drawn) {
    const [first, ...later] = rounds(drawn);
    const whole = rule.make(drawn);
    whole.aggregate(first);
    const snapshot = deserialize(serialize(await whole.state.save())) as Snapshot;
    const loaded = rule.make(drawn);
    loaded.state.load(snapshot);
    for (const messages of later) {
      const [expected, result] = [whole.aggregate(messages), loaded.aggregate(messages)];
      if (!identical(result, expected))
        return { messages, change: 'after one aggregation, saved and loaded', result, expected };
    }
    return undefined;
  },
};

/** Messages belong to the workers that sent them. */
export const untouched: CaseProperty = {
  name: 'messages kept',
  states: 'messages are neither changed nor released',
  position: 'general',
  check(rule, drawn) {
    const { float64, simd } = rule.implementations;
    for (const implementation of [float64, simd]) {
      const { vectors, combine } = rule.make(drawn, implementation);
      const given = drawn.rows.map((row) => vectors.fromHost(row));
      const before = given.map((vector) => [...vectors.toHost(vector)]);
      combine(given, drawn);
      const changed = given.findIndex((vector, i) => !identical([...vectors.toHost(vector)], before[i]));
      if (changed >= 0)
        return {
          messages: drawn,
          change: `message ${changed + 1} afterwards`,
          result: [...vectors.toHost(given[changed])],
          expected: before[changed],
        };
    }
    return undefined;
  },
};

/** Two rounds: a vector that was kept from the first is gone in the second. */
function checkImplementation(rule: Rule, drawn: Case, of: 'simd' | 'tensors', tolerance: number) {
  const exact = rule.make(drawn);
  const other: Fresh = rule.make(drawn, rule.implementations[of]);
  for (const [k, messages] of rounds(drawn).slice(0, 2).entries()) {
    const mismatch = differing(
      {
        messages,
        change: `expected: that of float64${k > 0 ? ', in a second round' : ''}`,
        result: other.aggregate(messages),
        expected: exact.aggregate(messages),
      },
      tolerance,
    );
    if (mismatch) return mismatch;
  }
  return undefined;
}

/** SIMD kernels on float32, on which runs aggregate. */
export const simd: CaseProperty = {
  name: 'SIMD',
  states: 'float32 in SIMD gives what float64 gives',
  position: 'general',
  check: (rule, drawn, { float32 }) => checkImplementation(rule, drawn, 'simd', float32),
};

/** As on a GPU. */
export const tensors: CaseProperty = {
  name: 'tensors',
  states: 'float32 in tensors gives what float64 gives',
  position: 'general',
  part: 0.1,
  check: (rule, drawn, { float32 }) => checkImplementation(rule, drawn, 'tensors', float32),
};
