import { rowsOf } from '../aggregators/arithmetic.js';
import type { AttackDefinition, EstimatorAttack, ScheduledAttack } from '../attacks/attack.js';
import type { ServerAttackDefinition } from '../attacks/servers/server-attack.js';
import { describe, partOf, refuse, requireFunction, requireVector } from './guard.js';
import { watchMemory } from './memory.js';

/**
 * An attack of the user's own: its messages are held to be vectors of the honest ones' length, its staleness to be a
 * number of updates, and its schedule to say yes or no.
 */
export function guardAttack(definition: AttackDefinition, file: string): AttackDefinition {
  if (definition.kind === 'estimator') return guardEstimator(definition, file);
  if (definition.kind === 'scheduled') return guardSchedule(definition, file);
  const { infinite = false } = definition;
  return {
    ...definition,
    create(parameters, state) {
      const { made: attack, look } = watchMemory(state, () =>
        requireFunction(definition.create(parameters, state), partOf(definition, 'create', file)),
      );
      const written = { call: attack, file, noun: 'the attack' };
      return (situation) => {
        const result = attack(situation);
        look(written);
        const given = rowsOf(situation.honest);
        return requireVector(result, written, situation.vectors, { finite: !infinite, given });
      };
    },
  };
}

function guardEstimator(definition: EstimatorAttack, file: string): EstimatorAttack {
  if (definition.staleness === undefined) return definition;
  const written = partOf(definition, 'staleness', file);
  return {
    ...definition,
    staleness(parameters) {
      const updates: unknown = definition.staleness!(parameters);
      if (!Number.isSafeInteger(updates) || (updates as number) < 0)
        refuse(written, describe(updates), 'an integer >= 0: how many updates');
      return updates as number;
    },
  };
}

function guardSchedule(definition: ScheduledAttack, file: string): ScheduledAttack {
  return {
    ...definition,
    create(parameters) {
      const schedule = requireFunction(definition.create(parameters), partOf(definition, 'create', file));
      const written = { call: schedule, file, noun: 'the schedule' };
      return (update) => {
        const attacks: unknown = schedule(update);
        if (typeof attacks !== 'boolean') refuse(written, describe(attacks), 'true or false');
        return attacks as boolean;
      };
    },
  };
}

/** The same of what Byzantine servers send. */
export function guardServerAttack(definition: ServerAttackDefinition, file: string): ServerAttackDefinition {
  if (definition.kind === 'silent') return definition;
  return {
    ...definition,
    create(parameters) {
      const attack = requireFunction(definition.create(parameters), partOf(definition, 'create', file));
      const written = { call: attack, file, noun: 'the attack' };
      return (situation) =>
        requireVector(attack(situation), written, situation.vectors, {
          finite: true,
          given: [situation.model, ...rowsOf(situation.correct)],
        });
    },
  };
}
