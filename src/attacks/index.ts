import { z } from 'zod';
import type { Vector } from '../compute/vectors/vectors.js';
import type { AttackConfig } from '../config/config.js';
import { ExperimentError } from '../errors.js';
import type { AttackDefinition, Situation } from './attack.js';
import { empire } from './empire.js';
import { gaussian } from './gaussian.js';
import { infinity } from './infinity.js';
import { labelFlip } from './label-flip.js';
import { little } from './little.js';
import { mimic } from './mimic.js';
import { none } from './none.js';
import { optimalEmpire, optimalLittle } from './optimal.js';
import { signFlip } from './sign-flip.js';
import { zero } from './zero.js';

/** Every attack a config can name. */
export const attacks: ReadonlyMap<string, AttackDefinition> = new Map(
  [
    none,
    labelFlip,
    signFlip,
    little,
    empire,
    mimic,
    gaussian,
    infinity,
    zero,
    optimalLittle,
    optimalEmpire,
  ].map((attack) => [attack.name, attack]),
);

/** What an attack is made with: what stays the same from message to message. */
export interface AttackContext extends Pick<Situation, 'vectors' | 'byzantine' | 'random'> {
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
      message(honest: readonly Vector[], weights: readonly number[], byzantineWeight: number): Vector;
    };

/** The attack of a resolved config. */
export function createAttack(config: AttackConfig, context: AttackContext): Attack {
  const { attack: name, ...given } = config;
  const definition = attacks.get(name)!;
  if (definition.kind === 'estimator') return definition;
  const create = definition.create(z.object(definition.parameters).parse(given));
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
