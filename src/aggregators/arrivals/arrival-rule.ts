import { ofKind, type Definition, type Keys, type Values } from '../../base/definition.js';
import type { StateTree } from '../../base/state.js';
import type { Vector, Vectors } from '../../compute/vectors/vectors.js';
import type { RuleSetting } from '../aggregator.js';

/** What a rule of arrivals knows of the experiment when it is made. */
export interface ArrivalContext extends Omit<RuleSetting, 'weighted'> {
  /** Where it keeps what it remembers. */
  state: StateTree;
}

/** A message as it reaches the server, of finite numbers, and what the server knows of it. */
export interface Arrival {
  /** The 1-based id of its worker. */
  worker: number;
  message: Vector;
  /** τ: arrivals since the one at which the server sent this worker the model that it works on. */
  staleness: number;
  /** x, the server's model. */
  model: Vector;
  /** x_{t-τ}, the model that the server sent this worker; of rules with `usesOrigin` only. */
  origin?: Vector;
  /** v, the gradient of the server's own inputs; of rules with `clean` only. */
  clean?: Vector;
  /** η of the server's next step. */
  learningRate: number;
  vectors: Vectors;
}

/**
 * What a rule makes of an arrival: the vector A that the server steps by, x ← x - η A (a new one);
 * or 'kept', where it was accepted and there is no step yet; or 'refused'.
 */
export type Verdict = Vector | 'kept' | 'refused';

/** Runs in a scope, so what it makes is freed. What outlives it is kept on the host, in the rule's state. */
export type Receive = (arrival: Arrival) => Verdict;

/** The inputs that a server holds of its own, taken out of the training split. */
export interface CleanInputs {
  /** How many: the first of the split. */
  inputs: number;
  /** After how many arrivals their gradient is taken anew. */
  every: number;
}

/**
 * A rule that sees messages one by one as they arrive, and not everyone's last one. It has no weighted form, and no
 * meta-aggregator goes around it. `f` is filled in as in rules of all messages.
 */
export interface ArrivalRuleDefinition<K extends Keys = Keys> extends Definition<K> {
  /** As `AggregatorDefinition` has it. */
  defaults?(parameters: Values<K>, setting: RuleSetting): Partial<Values<K>> | undefined;
  /** As `AggregatorDefinition` has it. */
  check?(parameters: Values<K>, setting: RuleSetting): string | undefined;
  /** Whether it asks for the model that a message was computed at. */
  usesOrigin?: boolean;
  /** The inputs of the server's own that it asks for. */
  clean?(parameters: Values<K>): CleanInputs;
  /** How many vectors it remembers, for what `byzsim validate` says of memory; default: none. */
  remembers?(parameters: Values<K>, setting: RuleSetting): number;
  create(parameters: Values<K>, context: ArrivalContext): Receive;
}

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineArrivalRule<K extends Keys>(
  definition: ArrivalRuleDefinition<K>,
): ArrivalRuleDefinition<K> {
  return ofKind('arrival rule', definition);
}
