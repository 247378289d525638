import { placed } from '../base/explain.js';
import { builtins } from '../simulation/catalogue.js';
import { answerAggregate } from './answer-aggregate.js';
import { withOwnModules } from './own-modules.js';

/** Vectors to aggregate, and what the rule is to know of them. */
export interface Aggregation {
  /** As in a config: a name, or a mapping with `rule` or `module`, its parameters and `meta`. */
  aggregator: string | Readonly<Record<string, unknown>>;
  /** One a worker, all of one length. */
  vectors: readonly ArrayLike<number>[];
  /** One a vector, >= 0; they count where the rules have weighted forms. Default: 1 each, and no weighted form. */
  weights?: ArrayLike<number>;
  /** f. Default: 0. */
  byzantine?: number;
  /** λ, in [0, 0.5). Default: byzantine / number of vectors. */
  lambda?: number;
  /** Order of the vectors, from 0, for bucketing. */
  permutation?: readonly number[];
}

/**
 * The aggregate of some vectors, in float64.
 *
 * @throws UserError where the aggregator or the vectors are wrong, or a module fails, ExperimentError where too few vectors are finite
 */
export async function aggregate(aggregation: Aggregation): Promise<Float64Array> {
  const { vectors, weights } = aggregation;
  const given = {
    ...aggregation,
    ...(Array.isArray(vectors) && { vectors: vectors.map(untyped) }),
    ...(weights !== undefined && { weights: untyped(weights) }),
  };
  const { request, catalogue } = await withOwnModules(given, builtins);
  return placed(() => Promise.resolve(answerAggregate(request, catalogue) as Float64Array));
}

/** Typed arrays, as `aggregate` returns them, as arrays; anything else as it is. */
function untyped(values: unknown): unknown {
  return ArrayBuffer.isView(values) && !(values instanceof DataView)
    ? Array.from(values as unknown as ArrayLike<number>)
    : values;
}
