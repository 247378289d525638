import { ofKind, type Definition, type Keys, type Values } from '../../base/definition.js';
import type { Stack, Vector, Vectors } from '../../compute/vectors/vectors.js';

/** What a Byzantine server knows when it makes a message. */
export interface ServerSituation {
  vectors: Vectors;
  /** Its own model: it keeps the protocol, and only what it sends is false. */
  model: Vector;
  /** The models of the correct servers in this step, one a row, all finite. */
  correct: Stack;
  /** k: the receiver's id, from 1, among the workers or among the servers. */
  receiver: number;
  /** Uniform draws in [0, 1) from the attack's own stream. */
  random: () => number;
}

/** The server sends nothing at all. */
export interface SilentServer<K extends Keys = Keys> extends Definition<K> {
  kind: 'silent';
}

/** The server sends a model: a new vector, never its own. */
export interface LyingServer<K extends Keys = Keys> extends Definition<K> {
  kind: 'model';
  /** Receivers get different models; else one is made for all of them. */
  perReceiver?: true;
  create(parameters: Values<K>): (situation: ServerSituation) => Vector;
}

/** What Byzantine servers send in place of their models. */
export type ServerAttackDefinition<K extends Keys = Keys> = SilentServer<K> | LyingServer<K>;

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineServerAttack<K extends Keys>(
  definition: ServerAttackDefinition<K>,
): ServerAttackDefinition<K> {
  return ofKind('server attack', definition);
}

/** The attack's name and its parameters. */
export type ServerAttackConfig = { attack: string } & Record<string, unknown>;
