import type { Case, Messages } from './case.js';
import { differing, type CaseProperty } from './property.js';
import type { Rule } from './rule.js';

const list = (ids: readonly number[]) => ids.join(', ');

/** The rows in another order, with all that belongs to them. */
function reordered({ rows, weights, workers, order, ...rest }: Case): Messages {
  return {
    ...rest,
    rows: order.map((i) => rows[i]),
    weights: order.map((i) => weights[i]),
    workers: order.map((i) => workers[i]),
  };
}

function mapRows(messages: Messages, change: (number: number, k: number) => number): Messages {
  return { ...messages, rows: messages.rows.map((row) => row.map(change)) };
}

function checkOrder(rule: Rule, drawn: Case, { float64 }: { float64: number }) {
  const messages = reordered(drawn);
  return differing(
    {
      messages: drawn,
      change: `rows in the order ${list(messages.workers)}`,
      result: rule.aggregate(messages),
      expected: rule.aggregate(drawn),
    },
    float64,
  );
}

/** A of the same messages in another order is the same. */
export const order: CaseProperty = {
  name: 'order',
  states: 'messages in another order change nothing',
  position: 'general',
  check: checkOrder,
};

/** The same where messages are equal, or equally far from each other. */
export const ties: CaseProperty = {
  name: 'ties',
  states: 'nor does their order where messages tie',
  position: 'tied',
  check: checkOrder,
};

/** Who sent a message does not matter. */
export const ids: CaseProperty = {
  name: 'ids',
  states: 'other ids of workers change nothing',
  position: 'general',
  check(rule, drawn, { float64 }) {
    const workers = drawn.order.map((i) => i + 1);
    return differing(
      {
        messages: drawn,
        change: `sent by the workers ${list(workers)}`,
        result: rule.aggregate({ ...drawn, workers }),
        expected: rule.aggregate(drawn),
      },
      float64,
    );
  },
};

/** A(x + c) = A(x) + c */
export const translation: CaseProperty = {
  name: 'translation',
  states: 'A(x + c) = A(x) + c',
  position: 'general',
  check(rule, drawn, { float64 }) {
    const { shift } = drawn;
    return differing(
      {
        messages: drawn,
        change: `moved by c = [${list(shift)}]`,
        result: rule.aggregate(mapRows(drawn, (number, k) => number + shift[k])),
        expected: rule.aggregate(drawn).map((number, k) => number + shift[k]),
      },
      float64,
    );
  },
};

/** A(s x) = s A(x) */
export const scaling: CaseProperty = {
  name: 'scaling',
  states: 'A(s x) = s A(x) for s > 0',
  position: 'general',
  check(rule, drawn, { float64 }) {
    const { factor } = drawn;
    return differing(
      {
        messages: drawn,
        change: `multiplied by s = ${factor}`,
        result: rule.aggregate(mapRows(drawn, (number) => factor * number)),
        expected: rule.aggregate(drawn).map((number) => factor * number),
      },
      float64,
    );
  },
};

/** A message of weight k counts as k of weight 1. */
export const copies: CaseProperty = {
  name: 'copies',
  states: 'a weight of k counts as k copies of weight 1',
  position: 'general',
  without: ({ weighted }) => (weighted ? undefined : 'weights do not count'),
  check(rule, drawn, { float64 }) {
    const rows = drawn.rows.flatMap((row, i) => new Array<number[]>(drawn.weights[i]).fill(row));
    const copied = { ...drawn, rows, weights: rows.map(() => 1), workers: rows.map((_, i) => i + 1) };
    if (!rule.takes({ n: rows.length, f: drawn.f })) return undefined;
    return differing(
      {
        messages: drawn,
        change: 'expected: that of copies',
        result: rule.aggregate(drawn),
        expected: rule.aggregate(copied),
      },
      float64,
    );
  },
};

/** Weights are shares. */
export const proportion: CaseProperty = {
  name: 'proportion',
  states: 'weights that are k times as large change nothing',
  position: 'general',
  without: ({ weighted }) => (weighted ? undefined : 'weights do not count'),
  check(rule, drawn, { float64 }) {
    const times = Math.max(3, drawn.factor);
    return differing(
      {
        messages: drawn,
        change: `weights times ${times}`,
        result: rule.aggregate({ ...drawn, weights: drawn.weights.map((weight) => times * weight) }),
        expected: rule.aggregate(drawn),
      },
      float64,
    );
  },
};

/** Workers that agree get what they sent. */
export const agreement: CaseProperty = {
  name: 'agreement',
  states: 'A of equal messages is that message',
  position: 'general',
  check(rule, drawn, { float64 }) {
    const [row] = drawn.rows;
    const messages = { ...drawn, rows: drawn.rows.map(() => row) };
    return differing({ messages, result: rule.aggregate(messages), expected: row }, float64);
  },
};

/** Sizes of finite messages whose squares are finite too. */
const magnitudes = [1, 1e-100, 1e100];

/** A vector of finite numbers of any finite messages. */
export const finite: CaseProperty = {
  name: 'finite',
  states: 'A of finite messages is finite, of their length',
  position: 'tied',
  check(rule, drawn) {
    for (const magnitude of magnitudes) {
      const messages = mapRows(drawn, (number) => magnitude * number);
      const result = rule.aggregate(messages);
      if (result.length !== drawn.rows[0].length || !result.every(Number.isFinite))
        return { messages, result, expected: `${drawn.rows[0].length} finite numbers` };
    }
    return undefined;
  },
};

/** What a server leaves out, because it is not finite, leaves no trace but that fewer may be Byzantine. */
export const lost: CaseProperty = {
  name: 'not finite',
  states: 'k messages lost: A of the others, with f - k',
  position: 'general',
  without: ({ sizes }) => (sizes.some(({ f }) => f > 0) ? undefined : 'it takes no f > 0'),
  suits: (rule, n, f) =>
    f > 0 && Array.from({ length: f }, (_, k) => k + 1).every((k) => rule.takes({ n: n - k, f: f - k })),
  check(rule, drawn, { float64 }) {
    const { rows, fault, lost: count, f } = drawn;
    const kept = rows.length - count;
    const messages = {
      ...drawn,
      rows: rows.map((row, i) => (i < kept ? row : [fault, ...row.slice(1)])),
    };
    const without = {
      ...drawn,
      rows: rows.slice(0, kept),
      weights: drawn.weights.slice(0, kept),
      workers: drawn.workers.slice(0, kept),
      f: f - count,
    };
    return differing(
      { messages, result: rule.aggregate(messages), expected: rule.aggregate(without) },
      float64,
    );
  },
};

/** How far away outliers are, in multiples of the largest number around, and how far off a result may then be. */
const outlying = 1e6;
const near = 1e3;

/** Up to f messages, wherever they are, leave the result within reach of the others. */
export const outliers: CaseProperty = {
  name: 'outliers',
  states: 'f messages far away do not carry A off',
  position: 'general',
  without: ({ meta, sizes }) =>
    meta
      ? 'the mean that it is tried with is carried'
      : sizes.some(({ f }) => f > 0)
        ? undefined
        : 'it takes no f > 0',
  suits: (_, __, f) => f > 0,
  check(rule, drawn) {
    const { rows, f, order, shift, workers } = drawn;
    const largest = Math.max(1, ...rows.flat().map(Math.abs));
    const scale = (outlying * largest) / Math.max(...shift.map(Math.abs));
    const away = new Set(order.slice(0, f));
    const messages = {
      ...drawn,
      rows: rows.map((row, i) => row.map((number, k) => (away.has(i) ? number + scale * shift[k] : number))),
      // Or those of f messages could be most of all.
      weights: rows.map(() => 1),
    };
    const result = rule.aggregate(messages);
    const far = result.some((number) => !(Math.abs(number) <= near * largest));
    const change = `${list(workers.filter((_, i) => away.has(i)))} far away`;
    return far ? { messages, change, result, expected: `numbers of at most ${near * largest}` } : undefined;
  },
};
