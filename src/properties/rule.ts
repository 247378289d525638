import type { AggregatorConfig } from '../aggregators/aggregator.js';
import { createAggregator } from '../aggregators/create.js';
import { UserError } from '../base/errors.js';
import type { Mapping } from '../base/mapping.js';
import { randomStream } from '../base/random.js';
import { StateTree } from '../base/state.js';
import type { Implementation, Implementations } from '../compute/vectors/implementations.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import { kindsOf, type Kinds } from '../config/kinds.js';
import { resolveAggregator } from '../config/rules.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { most, type Messages, type Size } from './case.js';

/** A rule of a catalogue, and its parameters. */
export interface Named {
  kind: 'aggregator' | 'metaAggregator';
  name: string;
  /** Of an aggregator also `weighted` and `meta`, as in configs. */
  parameters: Mapping;
}

/** A rule that was just made, and all that it remembers. */
export interface Fresh {
  vectors: Vectors;
  state: StateTree;
  /** Aggregates messages of one experiment, one time after the other. */
  aggregate: (messages: Messages) => number[];
  /** The same of vectors, which stay the caller's, as the result does. */
  combine: (rows: readonly Vector[], messages: Pick<Messages, 'weights' | 'workers'>) => Vector;
}

/** A rule that can be made anew for any messages. A meta-aggregator is held to what it makes of the mean. */
export class Rule {
  /** Whether weights count. */
  readonly weighted: boolean;
  /** Whether it is a meta-aggregator, with the mean. */
  readonly meta: boolean;
  /** Every n up to 12 and f < n/2 that it takes. */
  readonly sizes: readonly Size[];
  private readonly kinds: Kinds;
  private readonly configs = new Map<string, AggregatorConfig | undefined>();
  private readonly pools = new Map<Implementation, Vectors[]>();

  /** @throws UserError where its parameters are wrong, or it takes no such n and f */
  constructor(
    private readonly named: Named,
    private readonly catalogue: Catalogue,
    readonly implementations: Implementations,
  ) {
    this.kinds = kindsOf(catalogue);
    this.meta = named.kind === 'metaAggregator';
    const { f: own } = named.parameters;
    const { issues } = resolveAggregator(this.valueFor(Number(own ?? 0)), this.kinds);
    if (issues.length > 0) throw new UserError(issues.map(({ message }) => message).join('; '));
    const all = Array.from({ length: most.n }, (_, i) => i + 1).flatMap((n) =>
      Array.from({ length: Math.ceil(n / 2) }, (_, f) => ({ n, f })),
    );
    this.sizes = all.filter((size) => (own === undefined || own === size.f) && this.takes(size));
    if (this.sizes.length === 0)
      throw new UserError(
        `invalid ${named.name}: it takes no n <= ${most.n} and f < n / 2 (${this.refusal(Number(own ?? 0))})`,
      );
    const { n, f } = this.sizes.at(-1)!;
    this.weighted = this.configFor({ n, f, lambda: f / n, d: 1 })!.weighted;
  }

  /** Whether it takes n messages of which f may be Byzantine. */
  takes({ n, f }: Size): boolean {
    return this.configFor({ n, f, lambda: f / n, d: 1 }) !== undefined;
  }

  /** The rule of an experiment with such messages, as it is before the first of them. */
  make({ rows, f, lambda }: Messages, implementation = this.implementations.float64): Fresh {
    const [n, d] = [rows.length, rows[0].length];
    const vectors = this.vectorsOf(implementation, d);
    const state = new StateTree();
    const aggregator = createAggregator(this.configFor({ n, f, lambda, d })!, {
      vectors,
      workers: n,
      byzantine: f,
      lambda,
      rules: this.catalogue,
      random: randomStream(1, 'aggregator', state.within('random')),
      state: state.within('rule'),
    });
    const combine: Fresh['combine'] = (rows, { weights, workers }) =>
      aggregator(
        rows,
        weights,
        undefined,
        workers.map((id) => id - 1),
      );
    const aggregate: Fresh['aggregate'] = ({ rows, ...messages }) => {
      const given = rows.map((row) => vectors.fromHost(row));
      const result = combine(given, messages);
      const numbers = [...vectors.toHost(result)];
      for (const vector of [...given, result]) vectors.release(vector);
      return numbers;
    };
    return { vectors, state, aggregate, combine };
  }

  /** What it makes of its first messages, in float64. */
  aggregate(messages: Messages): number[] {
    return this.make(messages).aggregate(messages);
  }

  private configFor({ n, f, lambda, d }: Size & { lambda: number; d: number }) {
    const key = [n, f, lambda, d].join(' ');
    if (!this.configs.has(key)) {
      const setting = { workers: n, byzantine: f, lambda, dimension: d, weightedDefault: true };
      this.configs.set(key, resolveAggregator(this.valueFor(f), this.kinds, setting).config);
    }
    return this.configs.get(key);
  }

  private refusal(f: number): string {
    const setting = { workers: most.n, byzantine: f, lambda: f / most.n, weightedDefault: true };
    const { issues } = resolveAggregator(this.valueFor(f), this.kinds, setting);
    return issues.map(({ message }) => message).join('; ') || `f = ${f}`;
  }

  /** As a config has it. An f of its own goes with the messages: of fewer, fewer may be Byzantine. */
  private valueFor(f: number): Mapping {
    const { kind, name, parameters } = this.named;
    const rule = { rule: name, ...parameters, ...('f' in parameters && { f }) };
    return kind === 'aggregator' ? rule : { rule: 'mean', meta: [rule] };
  }

  /** Made once: each reserves a memory of its own. */
  private vectorsOf(implementation: Implementation, d: number): Vectors {
    const pool = this.pools.get(implementation) ?? [];
    this.pools.set(implementation, pool);
    return (pool[d] ??= implementation.make(d));
  }
}
