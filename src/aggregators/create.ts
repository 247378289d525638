import { UserError } from '../base/errors.js';
import type { Registry } from '../base/definition.js';
import type { Vector, Vectors } from '../compute/vectors/vectors.js';
import type {
  AggregationContext,
  AggregatorConfig,
  AggregatorDefinition,
  MetaAggregatorDefinition,
  MetaConfig,
} from './aggregator.js';
import { createChain, gather } from './chain.js';
import { fit, fitMeta, ownF, type Given } from './fit.js';

/** The rules that a config may name. */
export interface Rules {
  aggregators: Registry<AggregatorDefinition>;
  metaAggregators: Registry<MetaAggregatorDefinition>;
}

/** The experiment around a rule. */
export interface AggregatorContext extends Omit<AggregationContext, 'weighted'> {
  vectors: Vectors;
  rules: Rules;
}

/**
 * Aggregates messages, in the order of their workers' ids; the caller releases the result. `finite[i]` says whether
 * message i is (tested if absent): those that are not are left out with their weights. `workers[i]` is whose it is,
 * 0-based; default: i.
 *
 * @throws ExperimentError when too few messages are finite
 */
export type Aggregator = (
  messages: readonly Vector[],
  weights: readonly number[],
  finite?: readonly boolean[],
  workers?: readonly number[],
) => Vector;

/**
 * The rule of a resolved config with its meta-aggregators. Make one per server: a rule may remember what it saw.
 * A transform changes the messages that the rule sees; CTMA then works on the raw messages around the rule's output, so
 * that [nnm, ctma] is CTMA of X around rule(NNM(X)).
 */
export function createAggregator(config: AggregatorConfig, options: AggregatorContext): Aggregator {
  const { rule: name, weighted, meta, ...given } = config;
  const { vectors, rules, ...rest } = options;
  const context = { ...rest, weighted };
  const fitted = fitMeta(named(meta, rules), context);
  const chain = createChain(fitted.meta, context);
  const rule = fit({ definition: rules.aggregators.get(name)!, parameters: given }, fitted.behind);
  const aggregate = rule.definition.create(rule.parameters, { ...context, ...rule.setting });
  const f = ownF(rule.parameters, context);
  const stack = vectors.successive();

  return (messages, weights, finite, workers) =>
    vectors.scope(() => {
      const gathered = gather(vectors, { messages, weights, finite, workers }, context, stack);
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
  options: AggregationContext & { vectors: Vectors; rules: Rules },
): (messages: readonly Vector[], weights: readonly number[]) => Vector[] {
  const { vectors, rules, ...context } = options;
  const chain = createChain(fitMeta(named(meta, rules), context).meta, context);
  if (chain.centered) throw new UserError(`missing aggregator: ${chain.centered} works around one's output`);
  return (messages, weights) => {
    const { stack } = chain.transform(gather(vectors, { messages, weights }, context));
    return Array.from({ length: stack.size }, (_, i) => stack.row(i));
  };
}

function named(meta: readonly MetaConfig[], { metaAggregators }: Rules): Given<MetaAggregatorDefinition>[] {
  return meta.map(({ rule, ...parameters }) => ({ definition: metaAggregators.get(rule)!, parameters }));
}
