import type { Registry } from '../base/definition.js';
import { ExperimentError } from '../base/errors.js';
import type { StateTree } from '../base/state.js';
import type { Vector } from '../compute/vectors/vectors.js';
import type { AttackConfig, AttackDefinition, Situation } from './attack.js';

/** What an attack is made with: what stays the same from message to message. */
export interface AttackContext extends Pick<Situation, 'vectors' | 'byzantine' | 'random'> {
  attacks: Registry<AttackDefinition>;
  state: StateTree;
  /**
   * The server's rule, for attacks that search against it: on the honest messages, then the Byzantine ones. Not the
   * very instance that the server uses, if that remembers.
   */
  aggregate?: (messages: readonly Vector[], weights: readonly number[]) => Vector;
}

/** How the Byzantine workers of a run make their messages. */
export type Attack =
  | { kind: 'estimator'; labels: 'true' | 'flipped'; sign: 1 | -1 }
  | {
      kind: 'omniscient';
      /**
       * From the honest workers' current, finite messages; the caller releases the result.
       *
       * @throws ExperimentError when there are none, or when the message is not finite and should be: rules leave such
       *   messages out, which would be another attack
       */
      message: (honest: readonly Vector[], weights: readonly number[], byzantineWeight: number) => Vector;
    };

/** The attack of a resolved config. */
export function createAttack(config: AttackConfig, context: AttackContext): Attack {
  const { attack: name, ...given } = config;
  const definition = context.attacks.get(name)!;
  if (definition.kind === 'estimator') return definition;
  const create = definition.create(given, context.state);
  const { vectors, byzantine, random, aggregate } = context;
  return {
    kind: 'omniscient',
    message(honest, weights, byzantineWeight) {
      if (honest.length === 0) throw new ExperimentError('the run diverged: no honest message is finite');
      const message = vectors.scope(() =>
        create({
          vectors,
          honest: vectors.stack(honest),
          weights,
          byzantine,
          byzantineWeight,
          aggregateWith:
            aggregate &&
            ((message) =>
              aggregate(
                [...honest, ...new Array<Vector>(byzantine).fill(message)],
                [...weights, ...new Array<number>(byzantine).fill(byzantineWeight / byzantine)],
              )),
          random,
        }),
      );
      if (definition.infinite || vectors.isFinite(message)) return message;
      throw new ExperimentError(`numbers too large: the message of ${name} is beyond the range of numbers`);
    },
  };
}
