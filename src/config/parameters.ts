import type { z } from 'zod';
import type { Keys } from '../base/definition.js';
import { legalValues, legalWords, schemaAt, show, toJsonSchema } from '../base/describe.js';
import { nameOf, type Issue } from '../base/issues.js';
import { valueOf, type Mapping } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';

/** How many unknown keys of a mapping are explained, each with a guess of what was meant. */
const unknownShown = 10;

export interface Parsed {
  /** The legal values, defaults filled in; a key whose value is wrong is left out. */
  values: Mapping;
  issues: Issue[];
}

/**
 * The keys of a mapping against their shapes. A key set to null counts as not given.
 *
 * @param owner what has these keys, for messages: "krum takes f, distance"
 * @param others keys of the mapping that are checked elsewhere
 */
export function parseParameters(
  given: Mapping,
  shape: Keys,
  owner: string,
  others: readonly string[] = [],
): Parsed {
  const values: Mapping = {};
  const issues = unknownKeys(given, Object.keys(shape), owner, others);
  for (const [key, schema] of Object.entries(shape)) {
    const value = valueOf(given, key);
    const result = schema.safeParse(value);
    if (result.success) {
      if (result.data !== undefined) values[key] = result.data;
    } else if (value === undefined) {
      issues.push({
        path: [],
        message: `missing ${key}: ${owner} needs one (${legalValues(toJsonSchema(schema))})`,
      });
    } else {
      issues.push(explain(result.error, schema, key, value));
    }
  }
  return { values, issues };
}

/**
 * Says that a value is not the mapping of these keys, and how it is written where it is legal for one of them alone.
 * @param place what the mapping is called on the command line; absent where it cannot be given there
 */
export function notMapping(key: string, value: unknown, keys: Keys, place?: string): Issue {
  const expected = `expected a mapping with ${Object.keys(keys).join(', ')}`;
  // What takes a mapping as well is checked elsewhere.
  const fitting = Object.entries(keys).filter(
    ([, schema]) => schema.safeParse(value).success && !schema.safeParse({}).success,
  );
  const [[own] = []] = fitting.length === 1 ? fitting : [];
  const hint = own === undefined ? '' : `, such as {${own}: ${show(value)}}`;
  const words = hint && place !== undefined ? `; on the command line ${place}.${own}=${show(value)}` : '';
  return { path: [], message: `invalid ${key}: ${show(value)} (${expected}${hint}${words})` };
}

function unknownKeys(
  given: Mapping,
  known: readonly string[],
  owner: string,
  others: readonly string[],
): Issue[] {
  const valid = [...others, ...known];
  const unknown = Object.keys(given).filter((key) => !valid.includes(key));
  const issues = unknown.slice(0, unknownShown).map((key) => {
    const guess = nearest(key, valid);
    const hint = guess
      ? `did you mean ${guess}?`
      : known.length > 0
        ? `${owner} takes ${known.join(', ')}`
        : `${owner} takes no parameters`;
    return { path: [key], message: `unknown key: ${show(key)} (${hint})`, atKey: true };
  });
  const more = unknown.length - issues.length;
  if (more > 0) {
    const message = `and ${more.toLocaleString('en')} more unknown ${more === 1 ? 'key' : 'keys'}`;
    issues.push({ path: [unknown[unknownShown]], message, atKey: true });
  }
  return issues;
}

/** The first of a value's faults: one sentence a key is enough. */
function explain(error: z.ZodError, schema: z.ZodType, key: string, value: unknown): Issue {
  const first = error.issues[0];
  const path = [key, ...(first.path as (string | number)[])];
  const wrong = path.slice(1).reduce<unknown>((at, step) => (at as Mapping)[step], value);
  if (first.code === 'unrecognized_keys') {
    const known = Object.keys(schemaAt(toJsonSchema(schema), path.slice(1)).properties ?? {});
    const [unknown] = unknownKeys(wrong as Mapping, known, nameOf(path), []);
    return { ...unknown, path: [...path, ...unknown.path] };
  }
  if (wrong === undefined && path.length > 1) {
    const legal = legalValues(schemaAt(toJsonSchema(schema), path.slice(1)));
    const owner = path.slice(0, -1);
    return { path: owner, message: `missing ${path.at(-1)}: ${nameOf(owner)} needs one (${legal})` };
  }
  const explained = first.code === 'custom' || first.code === 'invalid_format';
  if (explained) return { path, message: `invalid ${nameOf(path)}: ${show(wrong)} (${first.message})` };

  const legal = schemaAt(toJsonSchema(schema), path.slice(1));
  if (first.code === 'too_big' && Array.isArray(wrong)) {
    const given = `${wrong.length.toLocaleString('en')} entries`;
    return { path, message: `invalid ${nameOf(path)}: ${given} (expected ${legalValues(legal)})` };
  }
  const guess = typeof wrong === 'string' ? nearest(wrong, legalWords(legal)) : undefined;
  const hint = guess ? `did you mean ${guess}?` : `expected ${legalValues(legal)}`;
  const verb = guess ? 'unknown' : 'invalid';
  return { path, message: `${verb} ${nameOf(path)}: ${show(wrong)} (${hint})` };
}
