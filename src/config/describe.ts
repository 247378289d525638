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
      return schema.items?.type
        ? `list of ${legalValues(schema.items).replace(/^(integer|number)/, '$1s')}`
        : 'list';
    case 'object':
      return 'mapping';
    case 'string':
      return 'text';
    default:
      return 'any value';
  }
}

/** The part of a schema that a value inside a list has to fit. */
export function schemaAt(schema: JsonSchema, path: readonly (string | number)[]): JsonSchema {
  const items = [schema, ...(schema.anyOf ?? [])].find((alternative) => alternative.items)?.items;
  return path.length > 0 && items ? schemaAt(items, path.slice(1)) : schema;
}

/** Every fixed word among the legal values. */
export function legalWords(schema: JsonSchema): string[] {
  const own = schema.const !== undefined ? [schema.const] : (schema.enum ?? []);
  const alternatives = schema.anyOf ?? [];
  return [...own.filter((value) => typeof value === 'string'), ...alternatives.flatMap(legalWords)];
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

/** A value as an error shows it: on one line, short; text in quotes where it could pass for something else. */
export function show(value: unknown): string {
  const plain =
    typeof value === 'string' && /^[^\s"']+$/.test(value) && !/^(true|false|null|[-+.\d]+)$/.test(value);
  const text = plain ? value : flow(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, entry]) => `${key}: ${flow(entry)}`)
      .join(', ')}}`;
  }
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}
