import { freemem } from 'node:os';
import seedrandom from 'seedrandom';
import { createAggregator } from '../aggregators/create.js';
import { measure } from '../base/measure.js';
import { StateTree } from '../base/state.js';
import { logSlope } from '../base/statistics/log-slope.js';
import { SimdVectors } from '../compute/vectors/simd.js';
import { kindsOf } from '../config/kinds.js';
import { resolveAggregator } from '../config/rules.js';
import type { Catalogue } from '../simulation/catalogue.js';

/** An aggregation after one message of m has changed, as every update of mode async is. Times are milliseconds. */
export interface ChangingCost {
  rule: string;
  d: number;
  sizes: ChangingSize[];
  /** Exponents of the growth in m. */
  growth: { whole?: number; kept?: number };
  /** What was left out, and why. */
  left: string[];
}

export interface ChangingSize {
  m: number;
  /** Of all messages anew. */
  whole?: number;
  /** With what was kept of the last time. */
  kept: number;
  /** Bytes of the messages, and of what is kept of them. */
  messages: number;
  memory: number;
  /** One pass over all messages, their norms, and how fast they are read: bytes a second. */
  pass: number;
  bandwidth: number;
}

export interface ChangingOptions {
  /** Ascending. */
  workers: readonly number[];
  dimension: number;
  /** Milliseconds for each thing timed; what took `limit` is timed at no larger m. */
  budget: number;
  limit: number;
  /** Bytes that messages may take; default: half of what is free now. */
  memory?: number;
  onBegin: (what: string) => void;
}

/** The first aggregation of all, which nothing is kept for yet, may take so many times the limit. */
const patience = 20;

/** Times the rules for which stacks keep something, and the median with CTMA, on one thread. */
export async function benchChanging(catalogue: Catalogue, options: ChangingOptions): Promise<ChangingCost[]> {
  const keeping = [...catalogue.aggregators.values()].filter(({ keeps }) => keeps !== undefined);
  const rules = [
    { rule: 'cwmed' },
    { rule: 'cwmed', weighted: false },
    { rule: 'cwmed', meta: ['ctma'] },
    ...keeping.filter(({ name }) => name !== 'cwmed').map(({ name }) => ({ rule: name, weighted: false })),
    { rule: 'cwmed', weighted: false, meta: ['nnm'] },
  ];
  const costs: ChangingCost[] = [];
  for (const rule of rules) costs.push(await costOf(rule, catalogue, options));
  return costs;
}

interface Given {
  rule: string;
  weighted?: boolean;
  meta?: string[];
}

async function costOf(given: Given, catalogue: Catalogue, options: ChangingOptions): Promise<ChangingCost> {
  const { workers, dimension, budget, limit, memory = freemem() / 2, onBegin } = options;
  const { rule, weighted = true, meta = [] } = given;
  const name = [`${weighted ? 'ω-' : ''}${rule}`, ...meta].join(' + ');
  const sizes: ChangingSize[] = [];
  const left: string[] = [];
  let bounds = { whole: Infinity, kept: Infinity };
  let last: { m: number; whole: number } | undefined;
  for (const m of workers) {
    if (4 * m * dimension > memory) {
      left.push(`m = ${m}: the messages need ${((4 * m * dimension) / 1e9).toFixed(1)} GB`);
      continue;
    }
    if (bounds.kept > limit && bounds.kept < Infinity) {
      left.push(`m = ${m}: fewer took ${(bounds.kept / 1000).toFixed(1)} s`);
      continue;
    }
    // As distances of all pairs grow. What grows faster has met the limit of a kept aggregation before.
    const first = last === undefined ? 0 : last.whole * (m / last.m) ** 2;
    if (first > patience * limit) {
      left.push(`m = ${m}: the first aggregation would take up to ${(first / 1000).toFixed(0)} s`);
      continue;
    }
    onBegin(`${name} on ${m} messages of ${dimension} numbers, one of them new`);
    const withWhole = !(bounds.whole > limit && bounds.whole < Infinity);
    if (!withWhole) left.push(`m = ${m}, whole: fewer took ${(bounds.whole / 1000).toFixed(1)} s`);
    const size = await timeOf(given, catalogue, { m, dimension, budget, withWhole });
    if (typeof size === 'string') {
      left.push(`m = ${m}: ${size}`);
      continue;
    }
    sizes.push(size);
    bounds = { whole: size.whole ?? bounds.whole, kept: size.kept };
    if (size.whole !== undefined) last = { m, whole: size.whole };
  }
  const growthOf = (key: 'whole' | 'kept') =>
    logSlope(sizes.flatMap(({ m, [key]: y }) => (m < 100 || y === undefined ? [] : [{ x: m, y }])));
  return {
    rule: name,
    d: dimension,
    sizes,
    growth: { whole: growthOf('whole'), kept: growthOf('kept') },
    left,
  };
}

/** One size, or why there is none. */
async function timeOf(
  given: Given,
  catalogue: Catalogue,
  {
    m,
    dimension: d,
    budget,
    withWhole,
  }: { m: number; dimension: number; budget: number; withWhole: boolean },
): Promise<ChangingSize | string> {
  const byzantine = Math.max(1, Math.floor(m / 10));
  const setting = { workers: m, byzantine, lambda: 0.1, dimension: d };
  const { config, issues } = resolveAggregator(given, kindsOf(catalogue), {
    ...setting,
    weightedDefault: true,
  });
  if (!config) return issues[0].message;
  const vectors = await SimdVectors.create(d);
  const random = seedrandom(`bench changing ${m}`);
  // Slices of few random numbers: to draw all would take longer than what is timed.
  const numbers = Float32Array.from({ length: d + 65_536 }, () => random() + random() - 1);
  const draw = () => {
    const from = Math.floor(65_536 * random());
    return vectors.fromHost(numbers.subarray(from, from + d));
  };
  const messages = Array.from({ length: m }, draw);
  const weights = messages.map(() => 1 + Math.floor(30 * random()));
  const make = () =>
    createAggregator(config, { ...setting, vectors, rules: catalogue, random, state: new StateTree() });
  const update = (aggregate: ReturnType<typeof make>) => {
    const i = Math.floor(m * random());
    vectors.release(messages[i]);
    messages[i] = draw();
    weights[i]++;
    vectors.release(aggregate(messages, weights));
  };
  const stack = vectors.stack(messages);
  const pass = (await measure(() => stack.norms(), budget)).fastest;
  const whole = withWhole ? (await measure(() => update(make()), budget)).fastest : undefined;
  const lasting = make();
  for (let k = 0; k < 2; k++) update(lasting);
  const kept = (await measure(() => update(lasting), budget)).median;
  const used = [config, ...config.meta].map(
    ({ rule }) => catalogue.aggregators.get(rule) ?? catalogue.metaAggregators.get(rule),
  );
  return {
    m,
    whole,
    kept,
    messages: 4 * m * d,
    memory: used.reduce((sum, definition) => sum + (definition?.keeps?.(m, d) ?? 0), 0),
    pass,
    bandwidth: (4 * m * d) / (pass / 1000),
  };
}
