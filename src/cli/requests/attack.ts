import { z } from 'zod';
import { weightedMean } from '../../aggregators/arithmetic.js';
import { createAggregator } from '../../aggregators/create.js';
import { carriedOut } from '../../attacks/attack.js';
import { createAttack, type Conduct } from '../../attacks/create.js';
import { HostVectors } from '../../compute/vectors/host.js';
import type { Mapping } from '../../base/mapping.js';
import { resolveAggregator, resolveAttack } from '../../config/rules.js';
import { UserError } from '../../base/errors.js';
import { randomStream } from '../../base/random.js';
import { StateTree } from '../../base/state.js';
import { kindsOf } from '../../config/kinds.js';
import type { Catalogue } from '../../simulation/catalogue.js';
import { numbers } from './requests.js';
import {
  checkedWeights,
  lambdaShape,
  readRequest,
  refuse,
  rowsShape,
  weightsShape,
} from '../../library/requests.js';

const shape = {
  attack: z.unknown(),
  honest: rowsShape,
  weights: weightsShape,
  byzantine: z.int().min(1).default(1),
  byzantineWeight: z.number().gt(0).optional(),
  update: z.int().min(0).default(0),
  lambda: lambdaShape,
  aggregator: z.unknown(),
};

/**
 * The message of a Byzantine worker that sees the request's honest vectors, as JSON.
 *
 * @throws UserError where the request is wrong
 */
export function attack(request: Mapping, catalogue: Catalogue): string {
  const kinds = kindsOf(catalogue);
  const {
    attack: value,
    honest: rows,
    byzantine,
    aggregator,
    update,
    ...given
  } = readRequest(request, shape);
  if (value === undefined) throw new UserError('missing attack: name one');
  const infinite = rows.findIndex((row) => !row.every(Number.isFinite));
  if (infinite >= 0) throw new UserError(`invalid honest: vector ${infinite + 1} is not finite`);
  const weights = checkedWeights(given.weights, rows.length);
  const byzantineWeight = given.byzantineWeight ?? byzantine;
  if (!Number.isFinite(weights.reduce((a, b) => a + b, byzantineWeight)))
    throw new UserError(`invalid byzantineWeight: ${byzantineWeight} (its sum with the weights is infinite)`);
  const workers = rows.length + byzantine;
  const { config, issues } = resolveAttack(value, kinds, { workers, byzantine, weighted: true });
  refuse(issues);

  const vectors = new HostVectors(rows[0].length, Float64Array);
  const honest = rows.map((row) => vectors.fromHost(row));
  const lambda = given.lambda ?? byzantine / workers;
  const known = { workers, byzantine, lambda, dimension: rows[0].length };
  const attack = createAttack(config!, {
    vectors,
    byzantine,
    attacks: catalogue.attacks,
    random: randomStream(0, 'attack'),
    state: new StateTree(),
    aggregate: aggregator === undefined ? undefined : rule(),
  });
  const { name, conduct } = conductAt(update);
  if (conduct.kind === 'omniscient')
    return numbers(vectors.toHost(conduct.message(honest, weights, byzantineWeight, update)));
  if (conduct.labels === 'flipped')
    throw new UserError(`invalid attack: ${name} (its message comes from flipped labels, not from vectors)`);
  if (conduct.staleness)
    throw new UserError(
      `invalid attack: ${name} (its message is one of earlier updates, not of these vectors)`,
    );
  // Without an estimator: what the honest workers estimate together.
  const mean = weightedMean(vectors, vectors.stack(honest), weights);
  return numbers(vectors.toHost(vectors.combine([conduct.sign], [mean])));

  /** What a worker does whose message arrives after so many updates. */
  function conductAt(update: number): { name: string; conduct: Conduct } {
    if (attack.kind !== 'scheduled') return { name: config!.attack, conduct: attack };
    if (attack.attacks(update)) return { name: carriedOut(config!).attack, conduct: attack.as };
    return { name: 'none', conduct: { kind: 'estimator', labels: 'true', sign: 1 } };
  }

  function rule() {
    const resolved = resolveAggregator(aggregator, kinds, {
      ...known,
      weightedDefault: given.weights !== undefined,
    });
    refuse(resolved.issues);
    return createAggregator(resolved.config!, {
      ...known,
      vectors,
      rules: catalogue,
      random: randomStream(0, 'aggregator'),
      state: new StateTree(),
    });
  }
}
