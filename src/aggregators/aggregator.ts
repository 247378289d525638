import type { z } from 'zod';
import type { Stack, Vector, Vectors } from '../compute/vectors/vectors.js';

/** What a rule knows of the experiment when it is made. */
export interface AggregationContext {
  /** n: the number of messages. */
  workers: number;
  /** f: how many of them may be Byzantine. */
  byzantine: number;
  /** λ: which fraction of the total weight may be Byzantine, in [0, 0.5). */
  lambda: number;
  /** Whether the messages' weights count; if not, the weights a rule is given are all 1. */
  weighted: boolean;
  /** Uniform draws in [0, 1) from the stream kept for this rule. */
  random: () => number;
  /** d, the length of the messages, where it is known. */
  dimension?: number;
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

/** The parameters of a rule: each with its type, bounds, default and a line of description. */
export type Shape = Record<string, z.ZodType>;
export type Parameters<S extends Shape> = z.output<z.ZodObject<S>>;

interface Definition<S extends Shape> {
  /** The name in configs, lower case with hyphens. */
  name: string;
  /** One line for `byzsim list aggregators`. */
  summary: string;
  /** Paper and equation, or the code whose convention it follows. */
  source: string;
  /** Whether a weighted form is defined. */
  weighted: boolean;
  parameters: S;
  /**
   * Defaults that depend on the experiment or on other parameters. Resolving a config spells them out (as it does `f`
   * and `lambda`), so that configs of one meaning are equal.
   */
  defaults?(
    parameters: Parameters<S>,
    context: Omit<AggregationContext, 'random'>,
  ): Partial<Parameters<S>> | undefined;
  /**
   * Says what is wrong with the parameters for n workers of which f may be Byzantine, or nothing. The sentence gives
   * the value, the bound and n, f: "f = 3 needs 2f < n, but n = 6".
   */
  check?(parameters: Parameters<S>, context: Omit<AggregationContext, 'random'>): string | undefined;
}

/** A rule that turns messages into one vector. */
export interface AggregatorDefinition<S extends Shape = Shape> extends Definition<S> {
  /** Called once a run; a rule that remembers (centered clipping) keeps its state in the closure. */
  create(parameters: Parameters<S>, context: AggregationContext): Aggregate;
}

/**
 * A meta-aggregator. A list of them is applied left to right: a `transform` changes the messages that the base rule
 * sees; an `around` gets the raw messages and what the rest of the chain made of them.
 */
export interface MetaAggregatorDefinition<S extends Shape = Shape> extends Definition<S> {
  /** How many messages a transform makes of n, where that differs: the n of the rules after it. */
  size?(parameters: Parameters<S>, workers: number): number;
  create(parameters: Parameters<S>, context: AggregationContext): MetaAggregator;
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
export function defineAggregator<S extends Shape>(
  definition: AggregatorDefinition<S>,
): AggregatorDefinition<S> {
  return definition;
}

/** As defineAggregator, for a meta-aggregator. */
export function defineMetaAggregator<S extends Shape>(
  definition: MetaAggregatorDefinition<S>,
): MetaAggregatorDefinition<S> {
  return definition;
}
