import { ofKind, type Definition, type Keys, type Values } from '../base/definition.js';
import type { StateTree } from '../base/state.js';
import type { Stack, Vector, Vectors } from '../compute/vectors/vectors.js';

/** What the bounds and defaults of a rule depend on. */
export interface RuleSetting {
  /** n: the number of messages. */
  workers: number;
  /** f: how many of them may be Byzantine. */
  byzantine: number;
  /** λ: which fraction of the total weight may be Byzantine, in [0, 0.5). */
  lambda: number;
  /** Whether the messages' weights count; if not, the weights a rule is given are all 1. */
  weighted: boolean;
  /** d, the length of the messages, where it is known. */
  dimension?: number;
}

/** What a rule knows of the experiment when it is made. */
export interface AggregationContext extends RuleSetting {
  /** Uniform draws in [0, 1) from the stream kept for this rule. */
  random: () => number;
  /** Where a rule that remembers keeps what it remembers. */
  state: StateTree;
  /** An order of the messages, 0-based, that replaces a random one. */
  permutation?: readonly number[];
}

/** What a rule knows beside the messages when it aggregates. */
export interface Round {
  vectors: Vectors;
  /**
   * f: how many of these messages may be Byzantine: the rule's own parameter, or else the experiment's, less the
   * messages left out because they were not finite (those were Byzantine).
   */
  f: number;
  /** The 1-based id of each row's worker. */
  workers: readonly number[];
}

/**
 * One aggregation: an m x d stack of finite messages and their m weights (update counts), to one vector: a new one,
 * never a row of the stack. It runs in a scope, so what it makes is freed.
 */
export type Aggregate = (messages: Stack, weights: readonly number[], round: Round) => Vector;

interface RuleDefinition<K extends Keys> extends Definition<K> {
  /** Whether a weighted form is defined. */
  weighted: boolean;
  /**
   * Bytes that the stacks of n messages of d numbers keep for the rule from one aggregation to the next: for one that
   * calls `weightedMedian` or `pairwiseDistances`.
   */
  keeps?: (workers: number, dimension: number) => number;
  /**
   * Defaults that depend on the experiment or on other parameters. Resolving a config spells them out (as it does `f`
   * and `lambda`), so that configs of one meaning are equal.
   */
  defaults?(parameters: Values<K>, setting: RuleSetting): Partial<Values<K>> | undefined;
  /**
   * Says what is wrong with the parameters for n workers of which f may be Byzantine, or nothing. The sentence gives
   * the value, the bound and n, f: "f = 3 needs 2f < n, but n = 6".
   */
  check?(parameters: Values<K>, setting: RuleSetting): string | undefined;
}

/** A rule that turns messages into one vector. */
export interface AggregatorDefinition<K extends Keys = Keys> extends RuleDefinition<K> {
  /**
   * The c_λ that was proved of the rule: |A - x̄_G|² ≤ c_λ ρ² for every set G of messages that has (1 - λ) of the
   * weight, whatever the others are; x̄_G is their weighted mean, ρ² that of |x_i - x̄_G|². Absent or undefined where
   * nothing was proved, of the rule or with these parameters.
   */
  robustness?(parameters: Values<K>, lambda: number): number | undefined;
  /** Called once per run; a rule that remembers (centered clipping) does so in `state`. */
  create(parameters: Values<K>, context: AggregationContext): Aggregate;
}

/**
 * A meta-aggregator. A list of them is applied left to right: a `transform` changes the messages that the base rule
 * sees; an `around` gets the raw messages and what the rest of the chain made of them.
 */
export interface MetaAggregatorDefinition<K extends Keys = Keys> extends RuleDefinition<K> {
  /** How many messages a transform makes of n, where that differs: the n of the rules after it. */
  size?(parameters: Values<K>, workers: number): number;
  /** The c_λ that was proved of the rule around one that has the c_λ `base`; see `AggregatorDefinition`. */
  robustness?(parameters: Values<K>, lambda: number, base: number): number | undefined;
  create(parameters: Values<K>, context: AggregationContext): MetaAggregator;
}

export type MetaAggregator =
  | {
      transform: (
        messages: Stack,
        weights: readonly number[],
        round: Round,
      ) => { stack: Stack; weights: readonly number[] };
    }
  | { around: (raw: Stack, weights: readonly number[], center: Vector, round: Round) => Vector };

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineAggregator<K extends Keys>(
  definition: AggregatorDefinition<K>,
): AggregatorDefinition<K> {
  return ofKind('aggregator', definition);
}

/** As defineAggregator, for a meta-aggregator. */
export function defineMetaAggregator<K extends Keys>(
  definition: MetaAggregatorDefinition<K>,
): MetaAggregatorDefinition<K> {
  return ofKind('meta-aggregator', definition);
}

/** The rule's name, its parameters, whether weights count, and the meta-aggregators around it, left to right. */
export type AggregatorConfig = { rule: string; weighted: boolean; meta: MetaConfig[] } & Record<
  string,
  unknown
>;
export type MetaConfig = { rule: string } & Record<string, unknown>;
