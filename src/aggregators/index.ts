import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import type { AggregatorConfig, MetaConfig } from '../config/config.js';
import { UserError } from '../errors.js';
import type { AggregationContext, AggregatorDefinition, MetaAggregatorDefinition } from './aggregator.js';
import { bulyan } from './bulyan.js';
import { caf } from './caf.js';
import { centeredClipping } from './centered-clipping.js';
import { createChain, gather } from './chain.js';
import { cwmed } from './cwmed.js';
import { geometricMedian } from './geometric-median.js';
import { krum, multiKrum } from './krum.js';
import { mda } from './mda.js';
import { meanAroundMedian } from './mean-around-median.js';
import { mean } from './mean.js';
import { arc } from './meta/arc.js';
import { bucketing } from './meta/bucketing.js';
import { clipping } from './meta/clipping.js';
import { ctma } from './meta/ctma.js';
import { nnm } from './meta/nnm.js';
import { monna } from './monna.js';
import { complete, ownF } from './parameters.js';
import { smea } from './smea.js';
import { trimmedMean } from './trimmed-mean.js';

/** Every rule a config can name. */
export const aggregators: ReadonlyMap<string, AggregatorDefinition> = new Map(
  [
    mean,
    cwmed,
    geometricMedian,
    trimmedMean,
    meanAroundMedian,
    krum,
    multiKrum,
    bulyan,
    mda,
    monna,
    centeredClipping,
    smea,
    caf,
  ].map((rule) => [rule.name, rule as AggregatorDefinition]),
);

/** Every meta-aggregator a config can name. */
export const metaAggregators: ReadonlyMap<string, MetaAggregatorDefinition> = new Map(
  [ctma, nnm, bucketing, clipping, arc].map((rule) => [rule.name, rule as MetaAggregatorDefinition]),
);

/** The experiment around a rule. */
export interface AggregatorContext extends Omit<AggregationContext, 'weighted'> {
  vectors: Vectors;
}

/**
 * Aggregates one message a worker, in the order of ids; the caller releases the result. `finite[i]` says whether
 * message i is (tested if absent): those that are not are left out with their weights.
 *
 * @throws ExperimentError when too few messages are finite
 */
export type Aggregator = (
  messages: readonly Vector[],
  weights: readonly number[],
  finite?: readonly boolean[],
) => Vector;

/**
 * The rule of a resolved config with its meta-aggregators. Make one a run: a rule may remember what it saw.
 * A transform changes the messages that the rule sees; CTMA then works on the raw messages around the rule's output, so
 * that [nnm, ctma] is CTMA of X around rule(NNM(X)).
 */
export function createAggregator(config: AggregatorConfig, options: AggregatorContext): Aggregator {
  const { rule, weighted, meta, ...given } = config;
  const context = { ...options, weighted };
  const { vectors } = options;
  const chain = createChain(meta, metaAggregators, context);
  const definition = aggregators.get(rule)!;
  const seenByRule = { ...context, workers: chain.size };
  const parameters = complete(definition, given, seenByRule);
  const aggregate = definition.create(parameters, seenByRule);
  const f = ownF(parameters, context);

  return (messages, weights, finite) =>
    vectors.scope(() => {
      const gathered = gather(vectors, messages, weights, finite, context);
      const seen = chain.transform(gathered);
      const center = aggregate(seen.stack, seen.weights, gathered.round(f, seen.stack.size));
      return chain.around(gathered, center);
    });
}

/**
 * What a rule behind these meta-aggregators would see, row by row; not scoped, for vectors that are collected.
 *
 * @throws UserError for a meta-aggregator that works around a rule's output
 */
export function createTransform(
  meta: readonly MetaConfig[],
  context: AggregationContext & { vectors: Vectors },
): (messages: readonly Vector[], weights: readonly number[]) => Vector[] {
  const chain = createChain(meta, metaAggregators, context);
  if (chain.centered) throw new UserError(`missing aggregator: ${chain.centered} works around one's output`);
  return (messages, weights) => {
    const { stack } = chain.transform(gather(context.vectors, messages, weights, undefined, context));
    return Array.from({ length: stack.size }, (_, i) => stack.row(i));
  };
}
