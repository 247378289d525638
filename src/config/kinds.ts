import { z } from 'zod';
import type { AggregatorDefinition } from '../aggregators/aggregator.js';
import type { ArrivalRuleDefinition } from '../aggregators/arrivals/arrival-rule.js';
import type { Definition, Keys, Registry } from '../base/definition.js';
import { maxChain } from '../base/limits.js';
import { clockKeys, weights } from '../simulation/arrivals.js';
import type { Catalogue } from '../simulation/catalogue.js';

/** Things a config picks by name, written `cwmed` or `{rule: cwmed, tie: upper}`. */
export interface Kind<D extends Definition = Definition> {
  /** What they are called in messages. */
  noun: string;
  /** The key that holds the name. */
  key: string;
  definitions: Registry<D>;
  /** What all of the kind take beside their own parameters. */
  common?: Keys;
  /** Whether a config may name a module of the user's own that defines one. */
  module: boolean;
}

/** Keys of every aggregator. */
export const aggregatorKeys = {
  weighted: z
    .boolean()
    .optional()
    .describe(
      'whether messages count by their updates so far (default: true in mode async, if every rule has a weighted form)',
    ),
  meta: z
    .array(z.unknown())
    .max(maxChain)
    .default([])
    .describe('meta-aggregators around the rule, applied left to right'),
};

/** Parameters of models are float32. */
const float32 = z.number().refine((x) => Number.isFinite(Math.fround(x)), 'beyond the range of float32');

/** Keys of every model. */
export const modelKeys = {
  initial: z
    .array(float32)
    .min(1)
    .optional()
    .describe('starting point of the model, all its numbers (default: drawn from the seed)'),
};

/** Keys of every clock: `weights` is the other name of a `speed` that is a list. */
export const arrivalKeys = {
  ...clockKeys,
  weights: weights.optional().describe('relative speeds, one per worker'),
};

/** Keys of every clock that says how long messages take. */
export const delayKeys = {
  mean: z.number().min(0).default(1).describe('of the delays, in virtual time'),
} satisfies Keys;

/** A rule of all messages, or of messages one by one. */
export type ServerRule = AggregatorDefinition | ArrivalRuleDefinition;

/** The kinds that a config picks from a catalogue. */
export function kindsOf(catalogue: Catalogue) {
  const kind = <D extends Definition>(noun: string, key: string, definitions: Registry<D>, common?: Keys) =>
    ({ noun, key, definitions, common, module: true }) satisfies Kind<D>;
  return {
    model: kind('model', 'name', catalogue.models, modelKeys),
    clock: kind('arrival process', 'process', catalogue.clocks, arrivalKeys),
    aggregator: kind('aggregator', 'rule', catalogue.aggregators, aggregatorKeys),
    // What a server may go by, where its mode plays rules of both kinds.
    serverRule: kind(
      'aggregator',
      'rule',
      new Map<string, ServerRule>([...catalogue.aggregators, ...catalogue.arrivalRules]),
      aggregatorKeys,
    ),
    arrivalRule: kind('arrival rule', 'rule', catalogue.arrivalRules),
    metaAggregator: kind('meta-aggregator', 'rule', catalogue.metaAggregators),
    delay: kind('delay', 'process', catalogue.clocks, delayKeys),
    attack: kind('attack', 'attack', catalogue.attacks),
    serverAttack: kind('server attack', 'attack', catalogue.serverAttacks),
    mode: { ...kind('mode', 'name', catalogue.modes), module: false },
    optimizer: kind('optimizer', 'name', catalogue.optimizers),
  };
}

export type Kinds = ReturnType<typeof kindsOf>;
