import type { Arrival, Verdict } from '../../../src/aggregators/arrivals/arrival-rule.js';
import { pick } from '../../../src/base/mapping.js';
import { StateTree } from '../../../src/base/state.js';
import { HostVectors } from '../../../src/compute/vectors/host.js';
import type { Vector } from '../../../src/compute/vectors/vectors.js';
import { kindsOf } from '../../../src/config/kinds.js';
import { resolveServerRule } from '../../../src/config/rules.js';
import { builtins } from '../../../src/simulation/catalogue.js';

/** What reaches the rule, in plain numbers. */
export interface Given extends Partial<Omit<Arrival, 'message' | 'model' | 'origin' | 'clean' | 'vectors'>> {
  message: readonly number[];
  origin?: readonly number[];
  clean?: readonly number[];
}

/** A rule of messages one by one as a config writes it: the step that it makes of an arrival, or its word. */
export function arrivalRule(value: unknown, workers: number, byzantine: number, dimension = 1) {
  const context = { workers, byzantine, lambda: byzantine / workers };
  const { config, issues } = resolveServerRule(value, kindsOf(builtins), {
    ...context,
    weightedDefault: true,
  });
  if (!config) throw new Error(issues.map((issue) => issue.message).join('; '));
  const definition = builtins.arrivalRules.get(config.rule)!;
  const parameters = pick(config, Object.keys(definition.parameters));
  const vectors = new HostVectors(dimension, Float64Array);
  const receive = definition.create(parameters, { ...context, state: new StateTree() });
  const vector = (values?: readonly number[]) => values && vectors.fromHost(values);
  return ({ message, origin, clean, ...rest }: Given): number[] | Exclude<Verdict, Vector> => {
    const verdict = receive({
      worker: 1,
      staleness: 0,
      learningRate: 0.1,
      ...rest,
      message: vector(message)!,
      model: vectors.fromHost(new Float64Array(dimension)),
      origin: vector(origin),
      clean: vector(clean),
      vectors,
    });
    return typeof verdict === 'string' ? verdict : [...vectors.toHost(verdict)];
  };
}
