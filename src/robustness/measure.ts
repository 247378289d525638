import type { AggregatorConfig } from '../aggregators/aggregator.js';
import { createAggregator } from '../aggregators/create.js';
import { robustnessOf } from '../aggregators/robustness.js';
import { ExperimentError } from '../base/errors.js';
import { normal, randomStream, type Random } from '../base/random.js';
import { StateTree } from '../base/state.js';
import { HostVectors } from '../compute/vectors/host.js';
import { kindsOf, type Kinds } from '../config/kinds.js';
import { resolveAggregator } from '../config/rules.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { attempts, type Try } from './attacks.js';
import { damage, drawCase, type Case } from './case.js';

/** What a search found out about one rule at one λ. */
export interface Robustness {
  lambda: number;
  /** The greatest |A - x̄_G|²/ρ² found: an empirical lower limit of c_λ. Undefined where no drawn case suits the rule. */
  found?: number;
  /** The c_λ that was proved of the rule. */
  bound?: number;
  /** How often the rule was tried. */
  tried: number;
  /** Where the greatest was found, and by which attack. */
  worst?: Case & { attack: string };
}

export interface Search {
  /** How many vector sets are drawn. */
  cases: number;
  seed: number;
  /** Told after each case. */
  onCase?: () => void;
  signal?: AbortSignal;
}

/** Steps of the local search from one case. */
const steps = 60;
/** A search is worth it from what is at least this part of the greatest found. */
const promising = 0.5;

/**
 * Looks for vectors, weights, good sets and attacks that take a rule far from the mean of the good: in drawn cases all
 * attacks are tried, and from the best of them on everything is moved by a random local search.
 *
 * @param rule as configs write it; weights count where it has a weighted form, unless it says otherwise
 * @param lambda which part of the weight the adversary has, in [0, 0.5)
 */
export async function measureRobustness(
  rule: unknown,
  lambda: number,
  catalogue: Catalogue,
  { cases, seed, onCase, signal }: Search,
): Promise<Robustness> {
  const random = randomStream(seed, `robustness ${lambda}`);
  const kinds = kindsOf(catalogue);
  const rules = new Resolver(rule, lambda, kinds);
  const result: Robustness = { lambda, tried: 0 };
  for (let k = 0; k < cases; k++) {
    if (k % 64 === 0) await new Promise(setImmediate);
    signal?.throwIfAborted();
    onCase?.();
    const drawn = drawCase(lambda, rules.weighted, random);
    const config = rules.configFor(drawn);
    if (!config) continue;
    if (result.found === undefined) {
      result.found = 0;
      result.bound = robustnessOf(config, lambda, catalogue);
    }
    const subject = new Subject(config, lambda, catalogue, seed, drawn);
    const found = worstAttack(subject, { attacks: catalogue.attacks, kinds }, random);
    const keep = ({ value, attack, vectors }: Found) => {
      if (value <= result.found!) return;
      result.found = value;
      result.worst = { ...drawn, vectors: vectors.map((vector) => vector.slice()), attack };
    };
    const worth = found.value >= promising * result.found;
    keep(found);
    if (worth && Number.isFinite(found.value)) keep(climb(subject, found, random));
    result.tried += subject.tried;
  }
  return result;
}

/** A rule as it is for each number of messages. */
class Resolver {
  readonly weighted: boolean;
  private readonly known = new Map<string, AggregatorConfig | undefined>();

  constructor(
    private readonly rule: unknown,
    private readonly lambda: number,
    private readonly kinds: Kinds,
  ) {
    // Large enough for every rule; only whether weights count is asked.
    this.weighted = this.resolve(1000, 1)?.weighted ?? false;
  }

  configFor({ vectors, honest }: Case): AggregatorConfig | undefined {
    const key = `${vectors.length} ${honest}`;
    if (!this.known.has(key)) this.known.set(key, this.resolve(vectors.length, vectors.length - honest));
    return this.known.get(key);
  }

  private resolve(workers: number, byzantine: number): AggregatorConfig | undefined {
    const setting = { workers, byzantine, lambda: this.lambda, weightedDefault: true };
    return resolveAggregator(this.rule, this.kinds, setting).config;
  }
}

/** A rule on one case. */
class Subject {
  tried = 0;
  private readonly vectors: HostVectors;

  constructor(
    private readonly config: AggregatorConfig,
    private readonly lambda: number,
    private readonly catalogue: Catalogue,
    private readonly seed: number,
    readonly drawn: Case,
  ) {
    this.vectors = new HostVectors(drawn.vectors[0].length, Float64Array);
  }

  /** What a fresh rule makes of the case with other vectors. */
  aggregate(all: readonly Float64Array[]): ArrayLike<number> {
    this.tried++;
    const { vectors, lambda, drawn } = this;
    const aggregate = createAggregator(this.config, {
      vectors,
      lambda,
      workers: all.length,
      byzantine: all.length - drawn.honest,
      rules: this.catalogue,
      random: randomStream(this.seed, 'aggregator'),
      state: new StateTree(),
    });
    return vectors.toHost(
      aggregate(
        all.map((vector) => vectors.fromHost(vector)),
        drawn.weights,
      ),
    );
  }

  /** Infinite vectors and numbers beyond float64 do no damage: rules refuse them. */
  damageOf(all: Float64Array[]): number {
    try {
      const value = damage({ ...this.drawn, vectors: all }, this.aggregate(all));
      return Number.isNaN(value) ? 0 : value;
    } catch (error) {
      if (error instanceof ExperimentError) return 0;
      throw error;
    }
  }
}

interface Found {
  value: number;
  attack: string;
  vectors: Float64Array[];
}

function worstAttack(subject: Subject, catalogue: Parameters<typeof attempts>[2], random: Random): Found {
  const { drawn } = subject;
  const good = drawn.vectors.slice(0, drawn.honest);
  const tried: Try = (byzantine) => subject.aggregate([...good, ...byzantine]);
  let worst: Found = { value: -1, attack: '', vectors: drawn.vectors };
  for (const { attack, vectors } of attempts(drawn, tried, catalogue, random)) {
    const all = [...good, ...vectors];
    const value = subject.damageOf(all);
    if (value > worst.value) worst = { value, attack, vectors: all };
  }
  return worst;
}

/** Moves one vector after the other, honest or not, at random; what does more damage stays. */
function climb(subject: Subject, from: Found, random: Random): Found {
  let { value, vectors } = from;
  let reach = 1;
  for (let step = 0; step < steps; step++) {
    const i = Math.floor(random() * vectors.length);
    const scale = reach * (random() < 0.5 ? Math.max(Math.hypot(...vectors[i]), 1e-3) : 1);
    const moved = vectors.slice();
    moved[i] = vectors[i].map((x) => x + scale * normal(random));
    const damage = subject.damageOf(moved);
    if (damage > value) [value, vectors, reach] = [damage, moved, Math.min(1.5 * reach, 10)];
    else reach = Math.max(reach * 0.9, 1e-3);
  }
  return value > from.value ? { value, attack: `${from.attack}, then local search`, vectors } : from;
}
