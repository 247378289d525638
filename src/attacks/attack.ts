import { z } from 'zod';
import { ofKind, type Definition, type Keys, type Values } from '../base/definition.js';
import { isMapping } from '../base/mapping.js';
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
  /**
   * Steps that the server has made (in mode byzsgd: each of them). In mode async the message is sent when its worker
   * arrives the next time, which is later.
   */
  update: number;
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
  /**
   * It sends the newest of its results whose model is at least so many steps of the server old, or the first of all where
   * none is: an integer >= 0. Default: 0, the newest.
   */
  staleness?(parameters: Values<K>): number;
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

/**
 * Another attack, its parameter `as`, at some times only; at all others the worker behaves. Both messages are made all the
 * time, so each is what it would be had the worker never sent the other.
 */
export interface ScheduledAttack<K extends Keys = Keys> extends CommonDefinition<K> {
  kind: 'scheduled';
  /** Whether a message that arrives when the server has made `update` steps is an attack. First messages arrive at 0. */
  create(parameters: Values<K>): (update: number) => boolean;
}

export type AttackDefinition<K extends Keys = Keys> =
  EstimatorAttack<K> | OmniscientAttack<K> | ScheduledAttack<K>;

/** What every scheduled attack takes. */
export const scheduledKeys = {
  as: z.unknown().describe('the attack that it carries out: a name, or a mapping with its parameters'),
} satisfies Keys;

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineAttack<K extends Keys>(definition: AttackDefinition<K>): AttackDefinition<K> {
  return ofKind('attack', definition);
}

/** The attack's name and its parameters; `as` is that which a scheduled one carries out. */
export type AttackConfig = { attack: string; as?: unknown } & Record<string, unknown>;

/** What a scheduled attack carries out, or else the attack itself. */
export function carriedOut(config: AttackConfig): AttackConfig {
  return isMapping(config.as) ? (config.as as AttackConfig) : config;
}
