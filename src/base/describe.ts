import { z } from 'zod';

/** The parts of JSON Schema that parameters are made of. */
export interface JsonSchema {
  $schema?: string;
  $ref?: string;
  definitions?: Record<string, JsonSchema>;
  title?: string;
  type?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  minProperties?: number;
  if?: JsonSchema;
  else?: JsonSchema;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
}

/** A parameter's shape as JSON Schema, without the bounds that every integer has. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const own = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema }) {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  delete own.$schema;
  return own as JsonSchema;
}

/** The legal values in words: "integer in [1, 10000]", "number > 0", "lower | midpoint | upper". */
export function legalValues(schema: JsonSchema): string {
  if (schema.const !== undefined) return show(schema.const);
  if (schema.enum) return schema.enum.join(' | ');
  const alternatives = schema.anyOf;
  if (alternatives) return alternatives.map(legalValues).join(' | ');
  switch (schema.type) {
    case 'boolean':
      return 'true | false';
    case 'integer':
    case 'number':
      return `${schema.type}${range(schema)}`;
    case 'array':
      return list(schema);
    case 'object':
      return ['mapping', Object.keys(schema.properties ?? {}).join(', ')].filter(Boolean).join(' with ');
    case 'string':
      return 'text';
    default:
      return 'any value';
  }
}

/** The part of a schema that a value inside a list or a mapping has to fit. */
export function schemaAt(schema: JsonSchema, path: readonly (string | number)[]): JsonSchema {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const inside = [schema, ...(schema.anyOf ?? [])]
    .map(({ items, properties }) => (typeof step === 'number' ? items : properties?.[step]))
    .find((part) => part !== undefined);
  return inside ? schemaAt(inside, rest) : schema;
}

/** Every fixed word among the legal values. */
export function legalWords(schema: JsonSchema): string[] {
  const own = schema.const !== undefined ? [schema.const] : (schema.enum ?? []);
  const alternatives = schema.anyOf ?? [];
  return [...own.filter((value) => typeof value === 'string'), ...alternatives.flatMap(legalWords)];
}

/** "list of 1 to 1000 integers >= 0" */
function list({ items, minItems = 0, maxItems }: JsonSchema): string {
  const most =
    maxItems === undefined ? '' : minItems > 0 ? `${minItems} to ${maxItems}` : `up to ${maxItems}`;
  const length = most || (minItems > 0 ? `${minItems} or more` : '');
  const what = items?.type ? legalValues(items).replace(/^(integer|number)/, '$1s') : length && 'entries';
  return ['list', what && 'of', length, what].filter(Boolean).join(' ');
}

function range(schema: JsonSchema): string {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  const low = minimum ?? exclusiveMinimum;
  const high = maximum ?? exclusiveMaximum;
  if (low !== undefined && high !== undefined) {
    return ` in ${minimum !== undefined ? '[' : '('}${low}, ${high}${maximum !== undefined ? ']' : ')'}`;
  }
  if (low !== undefined) return ` ${minimum !== undefined ? '>=' : '>'} ${low}`;
  if (high !== undefined) return ` ${maximum !== undefined ? '<=' : '<'} ${high}`;
  return '';
}

/** Characters of a value that an error shows. */
const shown = 60;

/** A value as an error shows it: on one line, short; text in quotes where it could pass for something else. */
export function show(value: unknown): string {
  const plain =
    typeof value === 'string' &&
    /^[^\s"'\p{C}]+$/u.test(value) &&
    !/^(true|false|null|[-+.\d]+)$/.test(value);
  const text = plain ? value : flow(value, shown);
  return text.length > shown ? `${text.slice(0, shown - 3)}...` : text;
}

/** A value in YAML's flow style. Goes no further, and no deeper, than it takes to fill `room` characters. */
function flow(value: unknown, room: number): string {
  if (typeof value === 'string') return quoted(value.slice(0, room + 1));
  if (typeof value !== 'object' || value === null) return String(value);
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  let first = true;
  for (const key in value) {
    if (text.length > room) return text;
    const entry = (value as Record<string, unknown>)[key];
    text += `${first ? '' : ', '}${isList ? '' : `${key}: `}${flow(entry, room - text.length)}`;
    first = false;
  }
  return text + (isList ? ']' : '}');
}

/** A text in quotes, with what does not print escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /\p{C}/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
