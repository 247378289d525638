import type { Stack, Vector, Vectors } from '../compute/vectors/vectors.js';
import type { AggregationContext, MetaAggregator, Round } from './aggregator.js';
import { ownF, type FittedMeta } from './fit.js';
import { finiteRows } from './guard.js';

/** Messages on their way through a chain of meta-aggregators. */
export interface Messages {
  stack: Stack;
  weights: readonly number[];
}

/** What a server has received, in the order of workers. */
interface Received {
  messages: readonly Vector[];
  weights: readonly number[];
  /** Tested where it is absent. */
  finite?: readonly boolean[];
  /** 0-based; default: all from the first on. */
  workers?: readonly number[];
}

/** One aggregation's finite messages, and what rules are told with them. */
export interface Gathered extends Messages {
  /** The round of a rule with this f that sees `size` messages. */
  round(f: number, size: number): Round;
}

/**
 * The messages that rules may see: those that are finite (tested where `finite` is absent), with their weights, or 1
 * each if `weighted` is false.
 *
 * @param stack makes their stack, where it is one of a succession
 * @throws ExperimentError when too few are finite
 */
export function gather(
  vectors: Vectors,
  { messages, weights, finite, workers = messages.map((_, i) => i) }: Received,
  context: { byzantine: number; weighted: boolean },
  stack = (rows: readonly Vector[]) => vectors.stack(rows),
): Gathered {
  const tested = finite ?? messages.map((message) => vectors.isFinite(message));
  const rows = finiteRows(tested, context.byzantine, workers);
  const dropped = messages.length - rows.length;
  return {
    stack: stack(rows.map((i) => messages[i])),
    // Rules share them: who writes into them is told so.
    weights: Object.freeze(rows.map((i) => (context.weighted ? weights[i] : 1))),
    round: (f, size) => ({
      vectors,
      f: Math.max(0, f - dropped),
      // Buckets are numbered like workers.
      workers:
        size === rows.length
          ? rows.map((i) => workers[i] + 1)
          : Array.from({ length: size }, (_, k) => k + 1),
    }),
  };
}

/** Meta-aggregators at work, left to right. */
export interface Chain {
  /** The first meta-aggregator that needs the base rule's output, if there is one. */
  centered: string | undefined;
  /** What the base rule sees: every transform in turn. */
  transform(gathered: Gathered): Messages;
  /** From the base rule's output to the chain's: every meta-aggregator that works around a center, on raw messages. */
  around(gathered: Gathered, center: Vector): Vector;
}

export function createChain(meta: readonly FittedMeta[], context: AggregationContext): Chain {
  const steps: { f: number; rule: MetaAggregator }[] = meta.map(({ definition, parameters, setting }, k) => ({
    f: ownF(parameters, context),
    rule: definition.create(parameters, { ...context, ...setting, state: context.state.within(`meta/${k}`) }),
  }));
  return {
    centered: meta.find((_, k) => 'around' in steps[k].rule)?.definition.name,
    transform(gathered) {
      let seen: Messages = gathered;
      for (const { f, rule } of steps) {
        if ('transform' in rule)
          seen = rule.transform(seen.stack, seen.weights, gathered.round(f, seen.stack.size));
      }
      return seen;
    },
    around(gathered, center) {
      const { stack, weights } = gathered;
      for (const { f, rule } of steps) {
        if ('around' in rule) center = rule.around(stack, weights, center, gathered.round(f, stack.size));
      }
      return center;
    },
  };
}
