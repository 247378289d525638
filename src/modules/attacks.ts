import { rowsOf } from '../aggregators/arithmetic.js';
import type { AttackDefinition } from '../attacks/attack.js';
import type { ServerAttackDefinition } from '../attacks/servers/server-attack.js';
import { partOf, requireFunction, requireVector } from './guard.js';

/** An attack of the user's own: its messages are held to be vectors of the honest ones' length. */
export function guardAttack(definition: AttackDefinition, file: string): AttackDefinition {
  if (definition.kind === 'estimator') return definition;
  const { infinite = false } = definition;
  return {
    ...definition,
    create(parameters, state) {
      const attack = requireFunction(
        definition.create(parameters, state),
        partOf(definition, 'create', file),
      );
      const written = { call: attack, file, noun: 'the attack' };
      return (situation) =>
        requireVector(attack(situation), written, situation.vectors, {
          finite: !infinite,
          given: rowsOf(situation.honest),
        });
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
