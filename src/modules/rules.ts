import type {
  AggregatorDefinition,
  MetaAggregator,
  MetaAggregatorDefinition,
} from '../aggregators/aggregator.js';
import { rowsOf } from '../aggregators/arithmetic.js';
import type { ArrivalRuleDefinition, CleanInputs } from '../aggregators/arrivals/arrival-rule.js';
import { describe, partOf, refuse, requireFunction, requireVector, vectorOf } from './guard.js';
import { watchMemory } from './memory.js';

/** A rule of the user's own: what it returns is held to be a finite vector of the messages' length. */
export function guardAggregator(definition: AggregatorDefinition, file: string): AggregatorDefinition {
  return {
    ...definition,
    create(parameters, context) {
      const { made: rule, look } = watchMemory(context.state, () =>
        requireFunction(definition.create(parameters, context), partOf(definition, 'create', file)),
      );
      const written = { call: rule, file, noun: 'the rule' };
      return (messages, weights, round) => {
        const result = rule(messages, weights, round);
        look(written);
        return requireVector(result, written, round.vectors, { finite: true, given: rowsOf(messages) });
      };
    },
  };
}

/** The same of a rule of messages one by one, which may say that it keeps or refuses one. */
export function guardArrivalRule(definition: ArrivalRuleDefinition, file: string): ArrivalRuleDefinition {
  return {
    ...definition,
    ...(definition.clean && {
      clean(parameters) {
        const asked = definition.clean!(parameters) as Partial<CleanInputs> | undefined;
        const whole = (value?: number) => Number.isInteger(value) && value! > 0;
        if (!whole(asked?.inputs) || !whole(asked?.every))
          refuse(
            partOf(definition, 'clean', file),
            describe(asked),
            '{inputs, every}, whole numbers from 1 on',
          );
        return asked as CleanInputs;
      },
    }),
    create(parameters, context) {
      const { made: rule, look } = watchMemory(context.state, () =>
        requireFunction(definition.create(parameters, context), partOf(definition, 'create', file)),
      );
      const written = { call: rule, file, noun: 'the rule' };
      return (arrival) => {
        const { message, model, origin, clean, vectors } = arrival;
        const verdict = rule(arrival);
        look(written);
        if (verdict === 'kept' || verdict === 'refused') return verdict;
        const given = [message, model, origin, clean].filter((each) => each !== undefined);
        const expected = `${vectorOf(vectors, 'vectors.combine([1], [message])')}; or 'kept' or 'refused'`;
        return requireVector(verdict, written, vectors, { finite: true, given, expected });
      };
    },
  };
}

/** The same of a meta-aggregator: of the vector around a rule's output, or of the stack that a rule sees. */
export function guardMetaAggregator(
  definition: MetaAggregatorDefinition,
  file: string,
): MetaAggregatorDefinition {
  return {
    ...definition,
    create(parameters, context): MetaAggregator {
      const { made, look } = watchMemory(
        context.state,
        () => definition.create(parameters, context) as Partial<Record<string, unknown>> | undefined,
      );
      const meta = made as MetaAggregator;
      if (typeof made?.around === 'function' && 'around' in meta) {
        const written = partOf(meta, 'around', file);
        return {
          around(raw, weights, center, round) {
            const result = meta.around(raw, weights, center, round);
            look(written);
            const given = [...rowsOf(raw), center];
            return requireVector(result, written, round.vectors, { finite: true, given });
          },
        };
      }
      if (typeof made?.transform === 'function' && 'transform' in meta) {
        const written = partOf(meta, 'transform', file);
        return {
          transform(messages, weights, round) {
            const result = meta.transform(messages, weights, round);
            look(written);
            const { stack, weights: own } = (result ?? {}) as Partial<typeof result>;
            if (stack?.dimension !== messages.dimension || own?.length !== stack.size)
              refuse(
                written,
                'something else',
                `{stack, weights}: a stack of vectors of ${messages.dimension} numbers and as many weights as it has rows`,
              );
            return result;
          },
        };
      }
      return refuse(
        partOf(definition, 'create', file),
        'something else',
        '{transform} or {around}, a function in it',
      );
    },
  };
}
