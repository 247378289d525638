import { z } from 'zod';
import type {
  AggregationContext,
  AggregatorDefinition,
  MetaAggregatorDefinition,
  Shape,
} from '../aggregators/aggregator.js';
import { aggregators, metaAggregators } from '../aggregators/index.js';
import { attacks } from '../attacks/index.js';
import type { AttackDefinition } from '../attacks/attack.js';
import type { AggregatorConfig, AttackConfig, MetaConfig } from './config.js';
import { show } from './describe.js';
import { within, type Issue } from './issues.js';
import { maxChain } from './limits.js';
import { isMapping, type Mapping } from './mapping.js';
import { resolveNamed, type Kind } from './named.js';

type Definition = AggregatorDefinition | MetaAggregatorDefinition;

/** What the bounds and defaults of rules depend on. */
export interface RuleContext {
  /** n: the number of messages. */
  workers: number;
  /** f: how many of them may be Byzantine; the default of a rule's `f`. */
  byzantine: number;
  /** λ: which fraction of the weight may be Byzantine; the default of a rule's `lambda`. */
  lambda: number;
  /** d, where it is known. */
  dimension?: number;
  /** Whether weights count where the config does not say and every rule in the chain has a weighted form. */
  weightedDefault: boolean;
}

/** A resolved config, or what is wrong with the one given: issues have paths relative to it. */
export interface Resolved<T> {
  config?: T;
  issues: Issue[];
}

export const aggregatorKind: Kind<AggregatorDefinition> = {
  noun: 'aggregator',
  key: 'rule',
  definitions: aggregators,
  synonyms: {
    average: 'mean',
    median: 'cwmed',
    rfa: 'geometric-median',
    gm: 'geometric-median',
    cwtm: 'trimmed-mean',
    meamed: 'mean-around-median',
    cclip: 'centered-clipping',
  },
};

export const metaKind: Kind<MetaAggregatorDefinition> = {
  noun: 'meta-aggregator',
  key: 'rule',
  definitions: metaAggregators,
};

export const attackKind: Kind<AttackDefinition> = {
  noun: 'attack',
  key: 'attack',
  definitions: attacks,
  synonyms: {
    alie: 'little',
    'a-little-is-enough': 'little',
    ipm: 'empire',
    'fall-of-empires': 'empire',
    sf: 'sign-flip',
    lf: 'label-flip',
    inf: 'infinity',
  },
};

/** Keys that every rule takes beside its own parameters. */
export const aggregatorKeys = {
  weighted: z
    .boolean()
    .optional()
    .describe(
      'whether messages count by their updates so far (default: true, if every rule has a weighted form)',
    ),
  meta: z
    .array(z.unknown())
    .max(maxChain)
    .default([])
    .describe('meta-aggregators around the rule, applied left to right'),
} satisfies Shape;

/**
 * An aggregator as configs write it: a name, or a mapping with `rule`, parameters, `weighted` and `meta`. Without a
 * context (where n, f or λ are themselves wrong) only names and parameters are checked.
 */
export function resolveAggregator(value: unknown, context?: RuleContext): Resolved<AggregatorConfig> {
  const { definition, parameters, issues } = resolveNamed(value, aggregatorKind, aggregatorKeys);
  const {
    weighted: asked,
    meta = [],
    ...own
  } = parameters as Mapping & { weighted?: boolean; meta?: unknown[] };
  const chain = resolveChain(definition ? meta : metaOf(value));
  issues.push(...within(['meta'], chain.issues));
  if (!definition || issues.length > 0) return { issues };

  const weighted = weights([definition, ...chain.definitions], asked, context);
  issues.push(...weighted.issues);
  if (!context || issues.length > 0) return { issues };
  const { configs, size, issues: misfits } = fitChain(chain, { ...context, weighted: weighted.value });
  const known = { ...context, weighted: weighted.value, workers: size };
  const complete = spellOut(definition, own, known);
  issues.push(...within(['meta'], misfits), ...bound(definition, complete, known));
  if (issues.length > 0) return { issues };
  return { config: { rule: definition.name, weighted: weighted.value, ...complete, meta: configs }, issues };
}

/** The list of meta-aggregators around a rule that is itself unknown. */
function metaOf(value: unknown): unknown[] {
  const meta = isMapping(value) ? value.meta : undefined;
  return Array.isArray(meta) ? meta : [];
}

/** A list of meta-aggregators without a rule, as the `aggregate` command takes them. */
export function resolveMeta(value: unknown, context: RuleContext): Resolved<MetaConfig[]> {
  if (!Array.isArray(value))
    return { issues: [{ path: [], message: `invalid meta: ${show(value)} (expected list)` }] };
  const chain = resolveChain(value);
  if (chain.issues.length > 0) return { issues: chain.issues };
  const weighted = weights(chain.definitions, undefined, context).value;
  const { configs, issues } = fitChain(chain, { ...context, weighted });
  return issues.length > 0 ? { issues } : { config: configs, issues };
}

/** An attack as configs write it: a name, or a mapping with `attack` and parameters. */
export function resolveAttack(
  value: unknown,
  context?: Pick<RuleContext, 'workers' | 'byzantine'>,
): Resolved<AttackConfig> {
  const { definition, parameters, issues } = resolveNamed(value, attackKind);
  if (!definition || issues.length > 0) return { issues };
  const problem = context && definition.check?.(parameters, context);
  if (problem) return { issues: [{ path: [], message: `invalid ${definition.name}: ${problem}` }] };
  return { config: { attack: definition.name, ...parameters }, issues };
}

/** The definitions that a list of meta-aggregators names, with their parameters. */
interface Chain {
  definitions: MetaAggregatorDefinition[];
  parameters: Mapping[];
  issues: Issue[];
}

function resolveChain(values: readonly unknown[]): Chain {
  const chain: Chain = { definitions: [], parameters: [], issues: [] };
  for (const [k, value] of values.entries()) {
    const { definition, parameters, issues } = resolveNamed(value, metaKind);
    chain.issues.push(...within([k], issues));
    if (!definition) continue;
    chain.definitions.push(definition);
    chain.parameters.push(parameters);
  }
  return chain;
}

type FitContext = Omit<AggregationContext, 'random'>;

/** Spells out a chain and checks its bounds. `size`: how many messages the rule behind it sees. */
function fitChain(
  { definitions, parameters }: Chain,
  context: FitContext,
): { configs: MetaConfig[]; size: number; issues: Issue[] } {
  const issues: Issue[] = [];
  let size = context.workers;
  const configs = definitions.map((definition, k) => {
    const known = { ...context, workers: size };
    const complete = spellOut(definition, parameters[k], known);
    issues.push(...within([k], bound(definition, complete, known)));
    size = definition.size?.(complete, size) ?? size;
    return { rule: definition.name, ...complete };
  });
  return { configs, size, issues };
}

/**
 * Fills in what a rule leaves to the experiment: `f`, `lambda`, and its own `defaults`. Of a rule that takes either,
 * λ where weights count and f where they do not.
 */
function spellOut(definition: Definition, given: Mapping, context: FitContext): Mapping {
  const takes = (key: string) => key in definition.parameters;
  const complete = { ...definition.defaults?.(given, context), ...given };
  if (complete.f !== undefined || complete.lambda !== undefined) return complete;
  if (takes('lambda') && (context.weighted || !takes('f'))) return { ...complete, lambda: context.lambda };
  return takes('f') ? { ...complete, f: context.byzantine } : complete;
}

function bound(definition: Definition, parameters: Mapping, context: FitContext): Issue[] {
  const problem = definition.check?.(parameters, context);
  return problem ? [{ path: [], message: `invalid ${definition.name}: ${problem}` }] : [];
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
