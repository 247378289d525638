import type { z } from 'zod';
import type { Definition } from '../base/definition.js';
import { kindOf } from '../base/definition.js';
import { show, toJsonSchema } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import { importModule } from '../base/modules/import.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { guardAttack, guardServerAttack } from './attacks.js';
import { describe } from './guard.js';
import { guardAggregator, guardArrivalRule, guardMetaAggregator } from './rules.js';
import { guardClock, guardModel, guardOptimizer } from './training.js';

interface Kind {
  /** What it is called in messages, as `ofKind` has it. */
  noun: string;
  /** The function that makes one. */
  define: string;
  /** Names that its parameters cannot have: keys of configs beside them. */
  taken: readonly string[];
  registry: keyof Catalogue;
  guard: (definition: never, file: string) => Definition;
}

const kind = (
  noun: string,
  define: string,
  taken: string[],
  registry: keyof Catalogue,
  guard: Kind['guard'],
) => ({
  noun,
  define,
  taken: ['module', ...taken],
  registry,
  guard,
});

/** What a module may define. */
export const moduleKinds = {
  aggregator: kind(
    'aggregator',
    'defineAggregator',
    ['rule', 'weighted', 'meta'],
    'aggregators',
    guardAggregator,
  ),
  metaAggregator: kind(
    'meta-aggregator',
    'defineMetaAggregator',
    ['rule'],
    'metaAggregators',
    guardMetaAggregator,
  ),
  arrivalRule: kind(
    'arrival rule',
    'defineArrivalRule',
    ['rule', 'weighted', 'meta'],
    'arrivalRules',
    guardArrivalRule,
  ),
  attack: kind('attack', 'defineAttack', ['attack'], 'attacks', guardAttack),
  serverAttack: kind('server attack', 'defineServerAttack', ['attack'], 'serverAttacks', guardServerAttack),
  model: kind('model', 'defineModel', ['name', 'initial'], 'models', guardModel),
  optimizer: kind('optimizer', 'defineOptimizer', ['name'], 'optimizers', guardOptimizer),
  clock: kind('clock', 'defineClock', ['process', 'speed', 'weights', 'mean'], 'clocks', guardClock),
} satisfies Record<string, Kind>;

export type ModuleKind = keyof typeof moduleKinds;

/** A definition from a module of the user's own, and the SHA-256 of all that it is made of. */
export interface LoadedModule {
  kind: ModuleKind;
  definition: Definition;
  sha256: string;
}

/**
 * The definition that a file exports as its default.
 *
 * @param file absolute
 * @param expected what it has to be, one of these; default: any
 * @throws UserError where it throws, exports something else, or lacks a part
 */
export async function loadModule(file: string, expected?: readonly ModuleKind[]): Promise<LoadedModule> {
  const { value, sha256 } = await importModule(file);
  const found = (Object.keys(moduleKinds) as ModuleKind[]).find(
    (each) => moduleKinds[each].noun === kindOf(value),
  );
  if (found === undefined || (expected && !expected.includes(found))) {
    const makers =
      expected === undefined
        ? 'defineAggregator, defineAttack or another of these'
        : expected.map((each) => moduleKinds[each].define).join(' or ');
    const exported =
      found === undefined ? describe(value) : `the definition of ${articled(moduleKinds[found])}`;
    throw new UserError(
      `invalid module: ${file} exports ${exported} as its default (expected what ${makers} returns)`,
    );
  }
  const { noun, taken, guard } = moduleKinds[found];
  const definition = value as Definition;
  const problem = incomplete(definition, found, taken);
  if (problem !== undefined)
    throw new UserError(`invalid module: ${file}: the ${noun}${named(definition)} ${problem}`);
  return { kind: found, definition: { ...guard(definition as never, file), module: file }, sha256 };
}

/** "an attack", "a model" */
export function articled({ noun }: { noun: string }): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** What is wrong with a name for configs and files, or nothing. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name === 'string' && /^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) return undefined;
  return 'expected lower case letters, digits and hyphens, at most 64';
}

function named({ name: own }: Partial<Definition>): string {
  return nameProblem(own) === undefined ? ` ${own}` : '';
}

/** Of all kinds of definitions. */
const optionalFunctions = [
  'defaults',
  'check',
  'keeps',
  'robustness',
  'size',
  'clean',
  'remembers',
  'staleness',
  'needs',
];

/** What a definition lacks, as the end of a sentence. */
function incomplete(
  { name: own, summary, parameters, forms = {}, ...rest }: Partial<Definition>,
  found: ModuleKind,
  taken: readonly string[],
): string | undefined {
  const misnamed = nameProblem(own);
  if (misnamed !== undefined) return `has the name ${show(own)} (${misnamed})`;
  if (typeof summary !== 'string' || summary === '')
    return `has the summary ${show(summary)} (expected a line that says what it is)`;
  if (typeof parameters !== 'object' || parameters === null)
    return `has the parameters ${show(parameters)} (expected a mapping of names to zod types, {} if there are none)`;
  for (const [key, type] of [parameters, ...Object.values(forms)].flatMap((keys) => Object.entries(keys))) {
    if (taken.includes(key))
      return `has a parameter ${key}, which configs have for something else (rename it)`;
    const problem = unusable(type);
    if (problem !== undefined) return `has a parameter ${key} that ${problem}`;
  }
  const parts = rest as Record<string, unknown>;
  const { kind: sort, weighted, create } = parts;
  const odd = optionalFunctions.find((part) => !['function', 'undefined'].includes(typeof parts[part]));
  if (odd !== undefined) return `has the ${odd} ${show(parts[odd])} (expected a function)`;
  const isRule = found === 'aggregator' || found === 'metaAggregator';
  if (isRule && typeof weighted !== 'boolean')
    return 'does not say whether it has a weighted form (weighted: true or false)';
  if (found === 'attack' && sort !== 'estimator' && sort !== 'omniscient' && sort !== 'scheduled')
    return `has the kind ${show(sort)} (expected estimator, omniscient or scheduled)`;
  if (sort === 'scheduled' && !('as' in parameters))
    return 'takes no attack to carry out (write parameters: { ...scheduledKeys })';
  if (found === 'attack' && sort !== 'scheduled' && 'as' in parameters)
    return 'has a parameter as, which is the attack that a scheduled one carries out (rename it)';
  if (found === 'serverAttack' && sort !== 'silent' && sort !== 'model')
    return `has the kind ${show(sort)} (expected silent or model)`;
  if (found === 'optimizer' && !('learningRate' in parameters))
    return 'takes no learningRate (write parameters: { ...stepKeys })';
  if (sort === 'estimator' || sort === 'silent') return undefined;
  return typeof create === 'function' ? undefined : 'has no function create';
}

function unusable(type: unknown): string | undefined {
  if (typeof (type as Partial<z.ZodType> | undefined)?.safeParse !== 'function')
    return "is no zod type (import { z } from 'byzsim', then z.number() or another)";
  try {
    toJsonSchema(type as z.ZodType);
    return undefined;
  } catch (error) {
    return `cannot be described: ${(error as Error).message}`;
  }
}
