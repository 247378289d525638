import type {
  AggregatorConfig,
  AggregatorDefinition,
  MetaAggregatorDefinition,
  MetaConfig,
  RuleSetting,
} from '../aggregators/aggregator.js';
import type { ArrivalRuleDefinition } from '../aggregators/arrivals/arrival-rule.js';
import {
  fit,
  fitMeta,
  misfit,
  type Fitted,
  type FittedMeta,
  type Fittable,
  type Given,
} from '../aggregators/fit.js';
import type { AttackConfig, AttackSetting } from '../attacks/attack.js';
import { show } from '../base/describe.js';
import { within, type Issue } from '../base/issues.js';
import { isMapping, valueOf, type Mapping } from '../base/mapping.js';
import type { Kinds } from './kinds.js';
import { resolveNamed, type Named } from './named.js';

/** What the bounds and defaults of rules depend on. */
export interface RuleContext extends Omit<RuleSetting, 'weighted'> {
  /** Whether weights count where the config does not say and every rule in the chain has a weighted form. */
  weightedDefault: boolean;
}

/** A resolved config, or what is wrong with the one given: issues have paths relative to it. */
export interface Resolved<T> {
  config?: T;
  issues: Issue[];
}

/**
 * An aggregator as configs write it: a name, or a mapping with `rule`, parameters, `weighted` and `meta`. Without a
 * context (where n, f or λ are themselves wrong) only names and parameters are checked.
 */
export function resolveAggregator(
  value: unknown,
  kinds: Kinds,
  context?: RuleContext,
): Resolved<AggregatorConfig> {
  const oneByOne = arrivalRuleOf(value, kinds);
  if (oneByOne) {
    const reason = 'it takes messages one by one as workers arrive, which mode async does';
    return {
      issues: [
        { path: isMapping(value) ? ['rule'] : [], message: `invalid aggregator: ${oneByOne} (${reason})` },
      ],
    };
  }
  return fitted(resolveNamed(value, kinds.aggregator), value, kinds, context);
}

/** As `resolveAggregator`, where the server may go by a rule of messages one by one as well. */
export function resolveServerRule(
  value: unknown,
  kinds: Kinds,
  context?: RuleContext,
): Resolved<AggregatorConfig> {
  const named = resolveNamed(value, kinds.serverRule);
  const definition = kinds.arrivalRule.definitions.get(arrivalRuleOf(value, kinds) ?? '');
  if (definition) return fittedToArrivals({ ...named, definition }, context);
  return fitted(named as Named<AggregatorDefinition>, value, kinds, context);
}

/** The name of the rule of messages one by one that a value names, if it does. */
function arrivalRuleOf(value: unknown, { arrivalRule: { key, definitions } }: Kinds): string | undefined {
  const name = isMapping(value) ? valueOf(value, key) : value;
  return typeof name === 'string' && definitions.has(name) ? name : undefined;
}

function fittedToArrivals(
  { definition, parameters, issues }: Required<Named<ArrivalRuleDefinition>>,
  context?: RuleContext,
): Resolved<AggregatorConfig> {
  const { weighted, meta, ...own } = parameters as Mapping & { weighted?: boolean; meta?: unknown[] };
  issues.push(...weights([{ name: definition.name, weighted: false }], weighted, context).issues);
  if (meta && meta.length > 0) {
    const message = `invalid meta: ${show(meta)} (${definition.name} takes messages one by one; leave it out)`;
    issues.push({ path: ['meta'], message });
  }
  if (!context || issues.length > 0) return { issues };
  const rule = fit({ definition, parameters: own }, { ...context, weighted: false });
  issues.push(...bound(rule));
  if (issues.length > 0) return { issues };
  return { config: { rule: definition.name, weighted: false, ...rule.parameters, meta: [] }, issues };
}

function fitted(
  { definition, parameters, issues }: Named<AggregatorDefinition>,
  value: unknown,
  kinds: Kinds,
  context?: RuleContext,
): Resolved<AggregatorConfig> {
  const {
    weighted: asked,
    meta = [],
    ...own
  } = parameters as Mapping & { weighted?: boolean; meta?: unknown[] };
  const around = readMeta(definition ? meta : metaOf(value), kinds);
  issues.push(...within(['meta'], around.issues));
  if (!definition || issues.length > 0) return { issues };

  const chain = [definition, ...around.given.map((given) => given.definition)];
  const weighted = weights(chain, asked, context);
  issues.push(...weighted.issues);
  if (!context || issues.length > 0) return { issues };
  const links = fitMeta(around.given, { ...context, weighted: weighted.value });
  const rule = fit({ definition, parameters: own }, links.behind);
  links.meta.forEach((each, k) => issues.push(...within(['meta', k], bound(each))));
  issues.push(...bound(rule));
  if (issues.length > 0) return { issues };
  return {
    config: {
      rule: definition.name,
      weighted: weighted.value,
      ...rule.parameters,
      meta: links.meta.map(written),
    },
    issues,
  };
}

/** The list of meta-aggregators around a rule that is itself unknown. */
function metaOf(value: unknown): unknown[] {
  const meta = isMapping(value) ? value.meta : undefined;
  return Array.isArray(meta) ? meta : [];
}

/** A list of meta-aggregators without a rule, as the `aggregate` command takes them. */
export function resolveMeta(value: unknown, kinds: Kinds, context: RuleContext): Resolved<MetaConfig[]> {
  if (!Array.isArray(value))
    return { issues: [{ path: [], message: `invalid meta: ${show(value)} (expected list)` }] };
  const { given, issues } = readMeta(value, kinds);
  if (issues.length > 0) return { issues };
  const weighted = weights(
    given.map(({ definition }) => definition),
    undefined,
    context,
  ).value;
  const { meta } = fitMeta(given, { ...context, weighted });
  const misfits = meta.flatMap((each, k) => within([k], bound(each)));
  return misfits.length > 0 ? { issues: misfits } : { config: meta.map(written), issues: [] };
}

/** An attack as configs write it: a name, or a mapping with `attack` and parameters. */
export function resolveAttack(value: unknown, kinds: Kinds, context?: AttackSetting): Resolved<AttackConfig> {
  const { definition, parameters, issues } = resolveNamed(value, kinds.attack);
  if (!definition) return { issues };
  const as =
    definition.kind === 'scheduled'
      ? resolveCarriedOut(definition.name, parameters.as, kinds, context)
      : undefined;
  issues.push(...(as?.issues ?? []));
  if (issues.length > 0) return { issues };
  const problem = context && definition.check?.(parameters, context);
  if (problem) return { issues: [{ path: [], message: `invalid ${definition.name}: ${problem}` }] };
  const defaults = context && definition.defaults?.(parameters, context);
  const config = { attack: definition.name, ...parameters, ...defaults, ...(as && { as: as.config }) };
  return { config, issues };
}

/** What a scheduled attack carries out: another attack, as configs write it. */
function resolveCarriedOut(
  owner: string,
  value: unknown,
  kinds: Kinds,
  context?: AttackSetting,
): Resolved<AttackConfig> {
  const { definitions } = kinds.attack;
  const names = [...definitions.values()].filter(({ kind }) => kind !== 'scheduled').map(({ name }) => name);
  const expected = `one of ${names.join(', ')}`;
  if (value === undefined)
    return {
      issues: [{ path: [], message: `missing as: ${owner} carries out another attack, ${expected}` }],
    };
  const name = isMapping(value) ? value.attack : value;
  if (definitions.get(String(name))?.kind === 'scheduled')
    return { issues: [{ path: ['as'], message: `invalid as: ${show(name)} (expected ${expected})` }] };
  const { config, issues } = resolveAttack(value, kinds, context);
  return { config, issues: within(['as'], issues) };
}

/** The meta-aggregators that a list names, with the parameters it gives them. */
function readMeta(
  values: readonly unknown[],
  { metaAggregator }: Kinds,
): { given: Given<MetaAggregatorDefinition>[]; issues: Issue[] } {
  const given: Given<MetaAggregatorDefinition>[] = [];
  const issues: Issue[] = [];
  for (const [k, value] of values.entries()) {
    const named = resolveNamed(value, metaAggregator);
    issues.push(...within([k], named.issues));
    if (named.definition) given.push({ definition: named.definition, parameters: named.parameters });
  }
  return { given, issues };
}

/** As configs keep a fitted rule. */
function written({ definition, parameters }: FittedMeta): MetaConfig {
  return { rule: definition.name, ...parameters };
}

function bound(fitted: Fitted<Fittable>): Issue[] {
  const problem = misfit(fitted);
  return problem ? [{ path: [], message: `invalid ${fitted.definition.name}: ${problem}` }] : [];
}

/** Whether weights count: as asked, if every rule of the chain has a weighted form. */
function weights(
  chain: readonly { name: string; weighted: boolean }[],
  asked: boolean | undefined,
  context: RuleContext | undefined,
): { value: boolean; issues: Issue[] } {
  const without = chain.filter((definition) => !definition.weighted).map((definition) => definition.name);
  if (asked && without.length > 0) {
    const message = `invalid weighted: true (${without.join(' and ')} ${without.length > 1 ? 'have' : 'has'} no weighted form)`;
    return { value: true, issues: [{ path: ['weighted'], message }] };
  }
  return { value: asked ?? (without.length === 0 && (context?.weightedDefault ?? false)), issues: [] };
}
