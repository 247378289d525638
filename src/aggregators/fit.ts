import type { AggregatorDefinition, MetaAggregatorDefinition, RuleSetting } from './aggregator.js';
import type { ArrivalRuleDefinition } from './arrivals/arrival-rule.js';

type Parameters = Record<string, unknown>;

/** A rule of any kind. */
export type Fittable = AggregatorDefinition | MetaAggregatorDefinition | ArrivalRuleDefinition;

/** A rule with all its parameters, and the setting that it finds itself in. */
export interface Fitted<D extends Fittable> {
  definition: D;
  parameters: Parameters;
  setting: RuleSetting;
}

export type FittedRule = Fitted<AggregatorDefinition>;
export type FittedMeta = Fitted<MetaAggregatorDefinition>;

/** A rule with the parameters that a config gives it. */
export interface Given<D> {
  definition: D;
  parameters: Parameters;
}

/**
 * Fits meta-aggregators and the rule behind them to an experiment: each gets the parameters that the config leaves to
 * it, and sees the n messages that those before it leave. Parameters that are whole stay as they are.
 */
export function fitMeta(
  meta: readonly Given<MetaAggregatorDefinition>[],
  setting: RuleSetting,
): { meta: FittedMeta[]; behind: RuleSetting } {
  let behind = setting;
  const fitted = meta.map((given) => {
    const link = fit(given, behind);
    const workers = given.definition.size?.(link.parameters, behind.workers) ?? behind.workers;
    behind = { ...behind, workers };
    return link;
  });
  return { meta: fitted, behind };
}

/**
 * Fills in what a rule leaves to the experiment: `f`, `lambda`, and its own `defaults`. Of a rule that takes either,
 * λ where weights count and f where they do not.
 */
export function fit<D extends Fittable>(
  { definition, parameters }: Given<D>,
  setting: RuleSetting,
): Fitted<D> {
  const takes = (key: string) => key in definition.parameters;
  const complete: Parameters = { ...definition.defaults?.(parameters, setting), ...parameters };
  if (complete.f === undefined && complete.lambda === undefined) {
    if (takes('lambda') && (setting.weighted || !takes('f'))) complete.lambda = setting.lambda;
    else if (takes('f')) complete.f = setting.byzantine;
  }
  return { definition, parameters: complete, setting };
}

/** What is wrong with a fitted rule, or nothing. */
export function misfit({ definition, parameters, setting }: Fitted<Fittable>): string | undefined {
  return definition.check?.(parameters, setting);
}

/** f of one rule: its own parameter, or the experiment's. */
export function ownF(parameters: Parameters, setting: Pick<RuleSetting, 'byzantine'>): number {
  return typeof parameters.f === 'number' ? parameters.f : setting.byzantine;
}
