import { createAttack } from '../attacks/create.js';
import { ExperimentError } from '../base/errors.js';
import { normal, type Random } from '../base/random.js';
import { StateTree } from '../base/state.js';
import { HostVectors } from '../compute/vectors/host.js';
import type { Kinds } from '../config/kinds.js';
import { resolveAttack } from '../config/rules.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { Case } from './case.js';

/** What an adversary puts in place of its vectors. */
export interface Attempt {
  attack: string;
  vectors: Float64Array[];
}

/** Aggregates the vectors of a case with others in place of the adversary's. */
export type Try = (byzantine: readonly Float64Array[]) => ArrayLike<number>;

const far = [1, 10, 1e3, 1e6];

/** Every attack of the catalogue that makes vectors from the honest ones, in reach of the rule; then random ones. */
export function* attempts(
  drawn: Case,
  tried: Try,
  { attacks, kinds }: { attacks: Catalogue['attacks']; kinds: Kinds },
  random: Random,
): Generator<Attempt> {
  const { vectors: all, weights, honest } = drawn;
  const byzantine = all.length - honest;
  if (byzantine === 0) {
    yield { attack: 'none', vectors: [] };
    return;
  }
  const good = all.slice(0, honest);
  const d = all[0].length;
  const copies = (vector: Float64Array) => new Array<Float64Array>(byzantine).fill(vector);

  const vectors = new HostVectors(d, Float64Array);
  const messages = good.map((vector) => vectors.fromHost(vector));
  const byzantineWeight = weights.slice(honest).reduce((sum, weight) => sum + weight, 0);
  for (const { name, kind, ...definition } of attacks.values()) {
    if (kind !== 'omniscient' || ('infinite' in definition && definition.infinite)) continue;
    const { config } = resolveAttack(name, kinds, { workers: all.length, byzantine, weighted: true });
    if (!config) continue;
    const attack = createAttack(config, {
      vectors,
      byzantine,
      attacks,
      random,
      state: new StateTree(),
      aggregate: (sent) =>
        vectors.fromHost(tried(sent.slice(honest).map((one) => vectors.toHost(one) as Float64Array))),
    });
    if (attack.kind !== 'omniscient') continue;
    try {
      const message = attack.message(messages, weights.slice(0, honest), byzantineWeight, 0);
      yield { attack: name, vectors: copies(vectors.toHost(message) as Float64Array) };
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error; // an attack that does not exist here
    }
  }

  const reach = Math.max(...good.map((vector) => Math.hypot(...vector)), 1e-300);
  const direction = () => Float64Array.from({ length: d }, () => normal(random));
  for (const factor of far) {
    const one = direction().map((value) => factor * reach * value);
    yield { attack: 'far', vectors: copies(one) };
  }
  yield {
    attack: 'random',
    vectors: Array.from({ length: byzantine }, () => direction().map((x) => x * reach)),
  };
  yield { attack: 'at one', vectors: copies(good[Math.floor(random() * honest)]) };
}
