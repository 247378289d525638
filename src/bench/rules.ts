import seedrandom from 'seedrandom';
import { createAggregator } from '../aggregators/create.js';
import { measure, type Timing } from '../base/measure.js';
import { StateTree } from '../base/state.js';
import { logSlope } from '../base/statistics/log-slope.js';
import { SimdVectors } from '../compute/vectors/simd.js';
import { kindsOf } from '../config/kinds.js';
import { resolveAggregator } from '../config/rules.js';
import type { Catalogue } from '../simulation/catalogue.js';

/** Aggregations by one rule, or a chain of them, of stacks of several sizes. */
export interface RuleCost {
  rule: string;
  /** At d of `dimension`, by ascending m; then at m of `workers`, by ascending d. Milliseconds. */
  inM: { m: number; time: Timing }[];
  inD: { d: number; time: Timing }[];
  /** Exponents of the fastest times over the larger half of the sizes; undefined of fewer than two. */
  growthInM?: number;
  growthInD?: number;
  /** Why some m were not timed. */
  left?: string;
}

export interface RulesOptions {
  /** Ascending. */
  workers: readonly number[];
  dimensions: readonly number[];
  /** d where m varies, and m where d varies. */
  dimension: number;
  m: number;
  /** Milliseconds for each size; what took `limit` is timed at no larger m. */
  budget: number;
  limit: number;
  onBegin: (what: string) => void;
}

/** One in ten messages is Byzantine: what most rules can bear. */
const share = 0.1;

/** Meta-aggregators that are timed around a rule, beside it alone. */
const chains = [[], ['ctma'], ['nnm'], ['nnm', 'ctma'], ['bucketing']];

/** Times an aggregation by every rule, and by the median with meta-aggregators around it, on one thread. */
export async function benchRules(catalogue: Catalogue, options: RulesOptions): Promise<RuleCost[]> {
  const rules = [
    ...chains.map((meta) => ({ rule: 'cwmed', meta })),
    ...[...catalogue.aggregators.keys()]
      .filter((rule) => rule !== 'cwmed')
      .map((rule) => ({ rule, meta: [] })),
  ];
  const costs: RuleCost[] = [];
  for (const given of rules) costs.push(await costOf(given, catalogue, options));
  return costs;
}

interface Given {
  rule: string;
  meta: readonly string[];
}

async function costOf(given: Given, catalogue: Catalogue, options: RulesOptions): Promise<RuleCost> {
  const { workers, dimensions, dimension, m: fixed, limit, onBegin } = options;
  const name = [given.rule, ...given.meta].join(' + ');
  const cost: RuleCost = { rule: name, inM: [], inD: [] };
  for (const m of workers) {
    onBegin(`${name} on ${m} messages of ${dimension} numbers`);
    const time = await timeOf(given, catalogue, m, dimension, options.budget);
    if (typeof time === 'string') {
      cost.left = `${time} at m = ${m}`;
      continue;
    }
    cost.inM.push({ m, time });
    if (time.fastest > limit && m !== workers.at(-1)) {
      cost.left = `it took ${(time.fastest / 1000).toFixed(1)} s at m = ${m}`;
      break;
    }
  }
  for (const d of dimensions) {
    const time = await timeOf(given, catalogue, fixed, d, options.budget);
    if (typeof time !== 'string') cost.inD.push({ d, time });
  }
  // Where sizes are small, what is paid once for each call hides the growth.
  const later = <T>(sizes: readonly T[]) => sizes.slice(-Math.max(2, Math.ceil(sizes.length / 2)));
  cost.growthInM = logSlope(later(cost.inM).map(({ m, time }) => ({ x: m, y: time.fastest })));
  cost.growthInD = logSlope(later(cost.inD).map(({ d, time }) => ({ x: d, y: time.fastest })));
  return cost;
}

/** How long one aggregation takes, or why there is none. */
async function timeOf(
  given: Given,
  catalogue: Catalogue,
  m: number,
  d: number,
  budget: number,
): Promise<Timing | string> {
  const byzantine = Math.max(1, Math.floor(share * m));
  const setting = { workers: m, byzantine, lambda: share, dimension: d };
  const { config, issues } = resolveAggregator(given, kindsOf(catalogue), {
    ...setting,
    weightedDefault: true,
  });
  if (!config) return issues[0].message;
  const vectors = await SimdVectors.create(d);
  const random = seedrandom(`bench rules ${m}`);
  const messages = Array.from({ length: m }, () =>
    vectors.fromHost(Float32Array.from({ length: d }, () => random() - 0.5)),
  );
  // By turns with their copies, so that all messages are new to the rule each time: of the same it would keep what it found.
  const copies = messages.map((message) => vectors.combine([1], [message]));
  const weights = messages.map((_, i) => 1 + i);
  let turn = 0;
  const aggregate = createAggregator(config, {
    ...setting,
    vectors,
    rules: catalogue,
    random,
    state: new StateTree(),
  });
  try {
    return await measure(
      () => vectors.release(aggregate(turn++ % 2 === 0 ? messages : copies, weights)),
      budget,
    );
  } finally {
    for (const message of [...messages, ...copies]) vectors.release(message);
  }
}
