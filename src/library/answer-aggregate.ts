import { z } from 'zod';
import { createAggregator, createTransform } from '../aggregators/create.js';
import { HostVectors } from '../compute/vectors/host.js';
import type { Mapping } from '../base/mapping.js';
import { maxChain } from '../base/limits.js';
import { resolveAggregator, resolveMeta } from '../config/rules.js';
import { UserError } from '../base/errors.js';
import { randomStream } from '../base/random.js';
import { StateTree } from '../base/state.js';
import { kindsOf } from '../config/kinds.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { checkedWeights, lambdaShape, readRequest, refuse, rowsShape, weightsShape } from './requests.js';

const shape = {
  aggregator: z.unknown(),
  meta: z.array(z.unknown()).max(maxChain).optional(),
  vectors: rowsShape,
  weights: weightsShape,
  byzantine: z.int().min(0).default(0),
  lambda: lambdaShape,
  permutation: z.array(z.int().min(0)).optional(),
};

/**
 * The aggregate of a request's vectors, or with `meta` and no aggregator the transformed vectors; in float64.
 *
 * @throws UserError where the request is wrong, ExperimentError where too few vectors are finite
 */
export function answerAggregate(request: Mapping, catalogue: Catalogue): Float64Array | Float64Array[] {
  const { aggregator, meta, vectors: rows, permutation, ...given } = readRequest(request, shape);
  const n = rows.length;
  const byzantine = given.byzantine;
  if (byzantine >= n)
    throw new UserError(`invalid byzantine: ${byzantine} (expected fewer than the ${n} vectors)`);
  if (permutation) checkPermutation(permutation, n);
  const weights = checkedWeights(given.weights, n);
  const lambda = given.lambda ?? byzantine / n;
  const known = {
    workers: n,
    byzantine,
    lambda,
    dimension: rows[0].length,
    weightedDefault: given.weights !== undefined,
  };

  const vectors = new HostVectors(rows[0].length, Float64Array);
  const messages = rows.map((row) => vectors.fromHost(row));
  const context = {
    vectors,
    workers: n,
    byzantine,
    lambda,
    rules: catalogue,
    random: randomStream(0, 'aggregator'),
    state: new StateTree(),
    permutation,
  };

  if (aggregator === undefined && meta !== undefined) {
    const { config, issues } = resolveMeta(meta, kindsOf(catalogue), known);
    refuse(issues);
    const transform = createTransform(config!, { ...context, weighted: known.weightedDefault });
    return transform(messages, weights).map((vector) => vectors.toHost(vector) as Float64Array);
  }
  if (meta !== undefined)
    throw new UserError('invalid meta: with an aggregator it belongs inside: {"rule": ..., "meta": [...]}');
  if (aggregator === undefined) throw new UserError('missing aggregator: name one, or give meta alone');
  const { config, issues } = resolveAggregator(aggregator, kindsOf(catalogue), known);
  refuse(issues);
  return vectors.toHost(createAggregator(config!, context)(messages, weights)) as Float64Array;
}

function checkPermutation(permutation: readonly number[], n: number): void {
  const sorted = [...permutation].sort((a, b) => a - b);
  if (sorted.length !== n || sorted.some((index, i) => index !== i)) {
    throw new UserError(
      `invalid permutation: [${permutation.join(', ')}] (expected each of 0 to ${n - 1} once)`,
    );
  }
}
