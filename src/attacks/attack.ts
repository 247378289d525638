import type { Parameters, Shape } from '../aggregators/aggregator.js';
import type { Stack, Vector, Vectors } from '../compute/vectors/vectors.js';

/** What a Byzantine worker that sees everything knows when it makes its message. */
export interface Situation {
  vectors: Vectors;
  /** The current messages of the honest workers, one a row, all finite. */
  honest: Stack;
  /** The honest workers' weights: their updates so far, also where the server's rule does not count them. */
  weights: readonly number[];
  /** How many workers are Byzantine. */
  byzantine: number;
  /** The Byzantine workers' total weight, so far. */
  byzantineWeight: number;
  /** The server's rule, for attacks that search against it: the honest messages and `byzantine` copies of `message`. */
  aggregateWith?: (message: Vector) => Vector;
  /** Uniform draws in [0, 1) from the attack's own stream. */
  random: () => number;
}

interface Definition<S extends Shape> {
  /** The name in configs, lower case with hyphens. */
  name: string;
  /** One line for `byzsim list attacks`. */
  summary: string;
  /** Paper and equation, or the code whose convention it follows. */
  source: string;
  parameters: S;
  /** Says what is wrong with the parameters for `workers` of which `byzantine` attack, or nothing. */
  check?(parameters: Parameters<S>, context: { workers: number; byzantine: number }): string | undefined;
}

/** The worker runs its own estimator like an honest one, on `labels`, and sends `sign` times the result. */
export interface EstimatorAttack<S extends Shape = Shape> extends Definition<S> {
  kind: 'estimator';
  labels: 'true' | 'flipped';
  sign: 1 | -1;
}

/** The message is made from the honest messages; the worker's estimator is never touched. */
export interface OmniscientAttack<S extends Shape = Shape> extends Definition<S> {
  kind: 'omniscient';
  /** The message is not finite, on purpose. */
  infinite?: true;
  create(parameters: Parameters<S>): (situation: Situation) => Vector;
}

export type AttackDefinition<S extends Shape = Shape> = EstimatorAttack<S> | OmniscientAttack<S>;

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineAttack<S extends Shape>(definition: AttackDefinition<S>): AttackDefinition<S> {
  return definition;
}
