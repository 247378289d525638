import { ofKind, type Definition, type Keys, type Values } from '../base/definition.js';
import type { StateTree } from '../base/state.js';
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

/** What the bounds and defaults of an attack depend on. */
export interface AttackSetting {
  workers: number;
  byzantine: number;
  /** Whether messages weigh as many updates as their workers have made. */
  weighted: boolean;
}

interface CommonDefinition<K extends Keys> extends Definition<K> {
  /** Defaults that depend on the experiment; resolving a config spells them out. */
  defaults?(parameters: Values<K>, setting: AttackSetting): Partial<Values<K>> | undefined;
  /** Says what is wrong with the parameters for `workers` of which `byzantine` attack, or nothing. */
  check?(parameters: Values<K>, setting: Omit<AttackSetting, 'weighted'>): string | undefined;
}

/** The worker runs its own estimator like an honest one, on `labels`, and sends `sign` times the result. */
export interface EstimatorAttack<K extends Keys = Keys> extends CommonDefinition<K> {
  kind: 'estimator';
  labels: 'true' | 'flipped';
  sign: 1 | -1;
}

/** The message is made from the honest messages; the worker's estimator is never touched. */
export interface OmniscientAttack<K extends Keys = Keys> extends CommonDefinition<K> {
  kind: 'omniscient';
  /** The message is not finite, on purpose. */
  infinite?: true;
  /** It searches against the server's rule, and needs one that takes all messages at once. */
  searches?: true;
  /** An attack that remembers does so in `state`. */
  create(parameters: Values<K>, state: StateTree): (situation: Situation) => Vector;
}

export type AttackDefinition<K extends Keys = Keys> = EstimatorAttack<K> | OmniscientAttack<K>;

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineAttack<K extends Keys>(definition: AttackDefinition<K>): AttackDefinition<K> {
  return ofKind('attack', definition);
}

/** The attack's name and its parameters. */
export type AttackConfig = { attack: string } & Record<string, unknown>;
