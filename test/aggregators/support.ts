import { createAggregator, type AggregatorContext } from '../../src/aggregators/create.js';
import { StateTree } from '../../src/base/state.js';
import { HostVectors } from '../../src/compute/vectors/host.js';
import type { Vectors } from '../../src/compute/vectors/vectors.js';
import { kindsOf } from '../../src/config/kinds.js';
import { resolveAggregator } from '../../src/config/rules.js';
import { builtins } from '../../src/simulation/catalogue.js';

export interface Setting {
  weights?: readonly number[];
  byzantine?: number;
  lambda?: number;
  vectors?: Vectors;
  random?: AggregatorContext['random'];
  permutation?: readonly number[];
  /** What rules may be named. */
  catalogue?: typeof builtins;
}

/** A rule as a config writes it, ready to aggregate `n` messages of `dimension` numbers. */
export function ruleFor(value: unknown, n: number, dimension: number, setting: Setting = {}) {
  const { byzantine = 0, weights, catalogue = builtins } = setting;
  const lambda = setting.lambda ?? byzantine / n;
  const known = { workers: n, byzantine, lambda, weightedDefault: weights !== undefined };
  const { config, issues } = resolveAggregator(value, kindsOf(catalogue), known);
  if (!config) throw new Error(issues.map((issue) => issue.message).join('; '));
  const vectors = setting.vectors ?? new HostVectors(dimension, Float64Array);
  const { random = () => 0.5, permutation } = setting;
  const aggregate = createAggregator(config, {
    ...known,
    vectors,
    rules: catalogue,
    random,
    state: new StateTree(),
    permutation,
  });
  return (rows: readonly (readonly number[])[]): number[] => {
    const messages = rows.map((row) => vectors.fromHost(row));
    const result = aggregate(messages, weights ?? rows.map(() => 1));
    const values = [...vectors.toHost(result)];
    for (const vector of [...messages, result]) vectors.release(vector);
    return values;
  };
}

/** One aggregation of these rows. */
export function aggregate(value: unknown, rows: readonly (readonly number[])[], setting?: Setting): number[] {
  return ruleFor(value, rows.length, rows[0].length, setting)(rows);
}
