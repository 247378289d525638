import type { ModelDefinition } from '../models/model.js';
import type { OptimizerDefinition } from '../optimizers/optimizer.js';
import type { ClockDefinition } from '../simulation/clocks/clock.js';
import { describe, partOf, refuse, requireFunction, requireFunctions } from './guard.js';

/** An optimizer of the user's own: its coefficients are held to be numbers, its server to be whole. */
export function guardOptimizer(definition: OptimizerDefinition, file: string): OptimizerDefinition {
  return {
    ...definition,
    create(parameters) {
      const made = partOf(definition, 'create', file);
      const optimizer = requireFunctions(definition.create(parameters), made, ['message', 'server']);
      const message = partOf(optimizer, 'message', file);
      const server = partOf(optimizer, 'server', file);
      return {
        usesReference: optimizer.usesReference === true,
        message(count) {
          const coefficients = optimizer.message(count);
          const { gradient, previous, reference } = (coefficients ?? {}) as Partial<typeof coefficients>;
          if (![gradient, previous, reference].every(Number.isFinite))
            refuse(message, describe(coefficients), 'three finite numbers: {gradient, previous, reference}');
          return coefficients;
        },
        server: (vectors, start) =>
          requireFunctions(optimizer.server(vectors, start), server, ['step', 'moveTo', 'save', 'load']),
      };
    },
  };
}

/** A clock of the user's own: its gaps are held to be times. */
export function guardClock(definition: ClockDefinition, file: string): ClockDefinition {
  return {
    ...definition,
    create(parameters, random) {
      const draw = requireFunction(definition.create(parameters, random), partOf(definition, 'create', file));
      const written = { call: draw, file, noun: 'the clock' };
      return () => {
        const gap: unknown = draw();
        if (typeof gap !== 'number' || !(gap >= 0) || gap === Infinity)
          refuse(written, describe(gap), 'a finite number >= 0, 1 on average');
        return gap as number;
      };
    },
  };
}

/** A model of the user's own: held to have what training asks of it. */
export function guardModel(definition: ModelDefinition, file: string): ModelDefinition {
  return {
    ...definition,
    create(parameters, input) {
      const made = partOf(definition, 'create', file);
      const model = requireFunctions(definition.create(parameters, input), made, [
        'loss',
        'predict',
        'score',
      ]);
      if (!Array.isArray(model.parameters) || !Array.isArray(model.statistics))
        refuse(made, 'a model without parameters or statistics', 'a list of each, {name, shape, initial}');
      return model;
    },
  };
}
