import type { Shape } from '../aggregators/aggregator.js';
import { show } from './describe.js';
import type { Issue, Path } from './issues.js';
import { isMapping, valueOf, type Mapping } from './mapping.js';
import { parseParameters } from './parameters.js';
import { nearest } from './suggest.js';

/** What a named thing tells of its parameters. */
interface Definition {
  name: string;
  summary: string;
  parameters: Shape;
  /** Further parameters, by the value of the parameter `form`. */
  forms?: Readonly<Record<string, Shape>>;
}

/** Things a config picks by name, written `cwmed` or `{rule: cwmed, tie: upper}`. */
export interface Kind<D extends Definition = Definition> {
  /** What they are called in messages. */
  noun: string;
  /** The key that holds the name. */
  key: string;
  definitions: ReadonlyMap<string, D>;
  /** Other words for them in the literature, for "did you mean". */
  synonyms?: Readonly<Record<string, string>>;
}

export interface Named<D> {
  definition?: D;
  /** The legal parameters, defaults filled in. */
  parameters: Mapping;
  issues: Issue[];
}

/**
 * Finds a named thing and checks its parameters; `common` are keys that all of its kind take. The name may be left out
 * if there is a `fallback`.
 */
export function resolveNamed<D extends Definition>(
  value: unknown,
  kind: Kind<D>,
  common: Shape = {},
  fallback?: string,
): Named<D> {
  const given = isMapping(value) ? value : { [kind.key]: value };
  const name = valueOf(given, kind.key) ?? fallback;
  const path: Path = isMapping(value) && Object.hasOwn(value, kind.key) ? [kind.key] : [];
  const definition = typeof name === 'string' ? kind.definitions.get(name) : undefined;
  if (!definition)
    return { parameters: {}, issues: [{ path, message: wrongName(name, kind, isMapping(value)) }] };

  const form = definition.forms && formOf(definition, given);
  const shape = { ...definition.parameters, ...(form && definition.forms?.[form]), ...common };
  const owner = form ? `${name as string} of form ${form}` : (name as string);
  const { values, issues } = parseParameters(given, shape, owner, [kind.key]);
  return { definition, parameters: values, issues };
}

/** The form that the parameters ask for; nothing if there is no such form. */
function formOf(definition: Definition, parameters: Mapping): string | undefined {
  return definition.parameters.form.safeParse(valueOf(parameters, 'form')).data as string | undefined;
}

function wrongName(name: unknown, kind: Kind, insideMapping: boolean): string {
  const names = [...kind.definitions.keys()].join(', ');
  if (name === undefined) return `missing ${insideMapping ? kind.key : kind.noun}: one of ${names}`;
  if (typeof name !== 'string') return `invalid ${kind.noun}: ${show(name)} (expected one of ${names})`;
  const synonym = kind.synonyms?.[name.toLowerCase()];
  const guess = synonym && kind.definitions.has(synonym) ? synonym : nearest(name, kind.definitions.keys());
  return `unknown ${kind.noun}: ${show(name)} (${guess ? `did you mean ${guess}?` : `one of ${names}`})`;
}
