import type { Definition } from '../base/definition.js';
import { show } from '../base/describe.js';
import type { Issue, Path } from '../base/issues.js';
import { isMapping, valueOf, type Mapping } from '../base/mapping.js';
import type { Kind } from './kinds.js';
import { parseParameters } from './parameters.js';
import { nearest } from '../base/suggest.js';

export interface Named<D> {
  definition?: D;
  /** The legal parameters, defaults filled in. */
  parameters: Mapping;
  issues: Issue[];
}

/** Finds a named thing and checks its parameters. The name may be left out if there is a `fallback`. */
export function resolveNamed<D extends Definition>(
  value: unknown,
  kind: Kind<D>,
  fallback?: string,
): Named<D> {
  const given = isMapping(value) ? value : { [kind.key]: value };
  const name = valueOf(given, kind.key) ?? fallback;
  const path: Path = isMapping(value) && Object.hasOwn(value, kind.key) ? [kind.key] : [];
  const definition = typeof name === 'string' ? kind.definitions.get(name) : undefined;
  if (!definition)
    return { parameters: {}, issues: [{ path, message: wrongName(name, kind, isMapping(value)) }] };

  const form = definition.forms && formOf(definition, given);
  const shape = { ...definition.parameters, ...(form && definition.forms?.[form]), ...kind.common };
  const owner = form ? `${name as string} of form ${form}` : (name as string);
  const others = [kind.key, ...leftOut(given, kind.definitions.values())];
  const { values, issues } = parseParameters(given, shape, owner, others);
  const { module } = definition;
  return { definition, parameters: module === undefined ? values : { module, ...values }, issues };
}

/** The keys set to null that some of these things take: where a sweep varies the thing, not all may have them. */
export function leftOut(given: Mapping, definitions: Iterable<Definition>): string[] {
  const taken = [...definitions].flatMap(({ parameters, forms = {} }) =>
    [parameters, ...Object.values(forms)].flatMap((keys) => Object.keys(keys)),
  );
  return Object.keys(given).filter((key) => given[key] === null && taken.includes(key));
}

/** The form that the parameters ask for; nothing if there is no such form. */
function formOf(definition: Definition, parameters: Mapping): string | undefined {
  return definition.parameters.form.safeParse(valueOf(parameters, 'form')).data as string | undefined;
}

function wrongName(name: unknown, kind: Kind, insideMapping: boolean): string {
  const names = [...kind.definitions.keys()].join(', ');
  if (name === undefined) return `missing ${insideMapping ? kind.key : kind.noun}: one of ${names}`;
  if (typeof name !== 'string') return `invalid ${kind.noun}: ${show(name)} (expected one of ${names})`;
  const guess = synonymOf(name.toLowerCase(), kind) ?? nearest(name, kind.definitions.keys());
  return `unknown ${kind.noun}: ${show(name)} (${guess ? `did you mean ${guess}?` : `one of ${names}`})`;
}

/** The thing that has this name in the literature. */
function synonymOf(word: string, { definitions }: Kind): string | undefined {
  return [...definitions.values()].find(({ synonyms }) => synonyms?.includes(word))?.name;
}
