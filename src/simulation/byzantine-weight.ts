import type { Aggregator } from '../aggregators/create.js';
import type { Remembered, StateTree } from '../base/state.js';
import type { ExperimentConfig } from './config.js';

/** How often the Byzantine workers weighed more in a run than its rule was told. */
export interface ByzantineWeight {
  /** λ: the least fraction that a rule of the chain was told. */
  lambda: number;
  /** In how many aggregations they had more than λ of the weight. */
  exceeded: number;
  /** Aggregations. */
  of: number;
  /** The largest share they had of the weight, in [0, 1]. */
  largest: number;
}

/**
 * Watches the weights in every aggregation as the rule sees them: of finite messages only, and 1 each where the rule does
 * not count updates. Nothing to watch where no worker is Byzantine or the rule goes by f alone, which counts workers.
 */
export class ByzantineWeightWatch {
  private readonly lambda: number | undefined;
  private readonly counts: Remembered<Omit<ByzantineWeight, 'lambda'>>;

  constructor(
    private readonly config: Watched,
    state: StateTree,
  ) {
    this.lambda = ownLambda(config);
    this.counts = state.remember('byzantine-weight', { exceeded: 0, of: 0, largest: 0 });
  }

  /** The rule, its aggregations watched. */
  watch(aggregate: Aggregator): Aggregator {
    return (messages, weights, finite, workers) => {
      const result = aggregate(messages, weights, finite, workers);
      this.see(weights, finite, workers);
      return result;
    };
  }

  summary(): ByzantineWeight | undefined {
    return this.lambda === undefined ? undefined : { lambda: this.lambda, ...this.counts.value };
  }

  private see(weights: readonly number[], finite?: readonly boolean[], ids?: readonly number[]): void {
    if (this.lambda === undefined) return;
    const { workers, byzantine, aggregator } = this.config;
    let [theirs, total] = [0, 0];
    for (const [i, weight] of weights.entries()) {
      if (finite && !finite[i]) continue;
      const id = ids ? ids[i] : i;
      const counted = aggregator.weighted ? weight : 1;
      total += counted;
      if (id >= workers - byzantine.count) theirs += counted;
    }
    const counts = this.counts.value;
    counts.of++;
    counts.largest = Math.max(counts.largest, theirs / total);
    // More than λ by more than rounding: 8 of 17 is no more than λ = 8/17.
    if (theirs > this.lambda * total * (1 + 1e-14)) counts.exceeded++;
  }
}

type Watched = Pick<ExperimentConfig, 'workers' | 'byzantine' | 'aggregator'>;

/** λ as the rule or a meta-aggregator has it of its own, or else, where updates count, that of the experiment. */
function ownLambda({ byzantine, aggregator }: Omit<Watched, 'workers'>): number | undefined {
  if (byzantine.count === 0) return undefined;
  const own = [aggregator, ...aggregator.meta].flatMap(({ lambda }) =>
    typeof lambda === 'number' ? lambda : [],
  );
  return own.length > 0 ? Math.min(...own) : aggregator.weighted ? byzantine.lambda : undefined;
}
