import type { Registry } from '../base/definition.js';
import { ExperimentError } from '../base/errors.js';
import type { StateTree } from '../base/state.js';
import type { Vector } from '../compute/vectors/vectors.js';
import type {
  AttackConfig,
  AttackDefinition,
  EstimatorAttack,
  OmniscientAttack,
  ScheduledAttack,
  Situation,
} from './attack.js';

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

/** How a worker makes its messages when it attacks. */
export type Conduct =
  | {
      kind: 'estimator';
      labels: 'true' | 'flipped';
      sign: 1 | -1;
      /** How many steps of the server old a message is at least; default: 0. */
      staleness?: number;
    }
  | {
      kind: 'omniscient';
      /**
       * From the honest workers' current, finite messages, after `update` steps of the server; the caller releases the
       * result.
       *
       * @throws ExperimentError when there are none, or when the message is not finite and should be: rules leave such
       *   messages out, which would be another attack
       */
      message: (
        honest: readonly Vector[],
        weights: readonly number[],
        byzantineWeight: number,
        update: number,
      ) => Vector;
    };

/** What the Byzantine workers of a run do. */
export type Attack =
  | Conduct
  | {
      kind: 'scheduled';
      as: Conduct;
      /** Whether a message is an attack that arrives when the server has made so many steps. */
      attacks: (update: number) => boolean;
    };

/** The attack of a resolved config. */
export function createAttack(config: AttackConfig, context: AttackContext): Attack {
  const { attack: name, ...given } = config;
  const definition = context.attacks.get(name)!;
  if (definition.kind !== 'scheduled') return createConduct(definition, given, context);
  const { as, ...parameters } = given;
  const { attack: carried, ...own } = as as AttackConfig;
  const conduct = context.attacks.get(carried) as Exclude<AttackDefinition, ScheduledAttack>;
  return {
    kind: 'scheduled',
    as: createConduct(conduct, own, context),
    attacks: definition.create(parameters),
  };
}

function createConduct(
  definition: EstimatorAttack | OmniscientAttack,
  given: Record<string, unknown>,
  { vectors, byzantine, random, aggregate, state }: AttackContext,
): Conduct {
  if (definition.kind === 'estimator') {
    const { kind, labels, sign } = definition;
    return { kind, labels, sign, staleness: definition.staleness?.(given) };
  }
  const create = definition.create(given, state);
  return {
    kind: 'omniscient',
    message(honest, weights, byzantineWeight, update) {
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
          update,
          random,
        }),
      );
      if (definition.infinite || vectors.isFinite(message)) return message;
      throw new ExperimentError(
        `numbers too large: the message of ${definition.name} is beyond the range of numbers`,
      );
    },
  };
}
