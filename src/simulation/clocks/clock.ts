import { ofKind, type Definition, type Keys, type Values } from '../../base/definition.js';
import type { Random } from '../../base/random.js';

/** A clock of the workers: how the gaps between two arrivals of one worker are drawn. */
export interface ClockDefinition<K extends Keys = Keys> extends Definition<K> {
  /** Draws a gap, with mean 1; that of a worker of speed v is v times shorter. */
  create(parameters: Values<K>, random: Random): () => number;
}

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineClock<K extends Keys>(definition: ClockDefinition<K>): ClockDefinition<K> {
  return ofKind('clock', definition);
}
