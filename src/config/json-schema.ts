import type { Shape } from '../aggregators/aggregator.js';
import { datasets } from '../data/index.js';
import { speeds, speedSummaries } from '../simulation/arrival-definitions.js';
import { toJsonSchema, type JsonSchema } from './describe.js';
import { maxChain } from './limits.js';
import type { Kind } from './named.js';
import { aggregatorKeys, aggregatorKind, attackKind, metaKind } from './rules.js';
import {
  arrivalKind,
  arrivalKeys,
  byzantineKeys,
  configKeys,
  evaluateKeys,
  modelKeys,
  modelKind,
  optimizerKind,
  otherArrivals,
  sweepKeys,
} from './schema.js';
import { thresholdsSchema } from './thresholds.js';

/**
 * The config language as JSON Schema (draft 7, which editors know best), for completion and checks while typing. It
 * knows every key, name and bound, but not what one key demands of another; `byzsim validate` does.
 */
export function configJsonSchema(): JsonSchema {
  const thresholds = thresholdsSchema();
  const config = mapping(
    { ...configKeys, ...sweepKeys },
    {
      dataset: datasetSchema(),
      model: nameOrMapping(modelKind, properties(modelKeys)),
      arrival: arrivalSchema(),
      byzantine: mapping(byzantineKeys, { attack: nameOrMapping(attackKind) }),
      aggregator: nameOrMapping(aggregatorKind, properties(aggregatorKeys, { meta: metaSchema })),
      optimizer: nameOrMapping(optimizerKind),
      evaluate: mapping(evaluateKeys),
      thresholds: thresholds.schema,
      ...sweepProperties(),
    },
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'byzsim config',
    ...config,
    // A sweep may vary any of these.
    if: { anyOf: [{ required: ['matrix'] }, { required: ['include'] }] },
    else: { required: ['dataset', 'workers', 'aggregator', 'optimizer', 'updates'] },
    definitions: { meta: nameOrMapping(metaKind), ...thresholds.definitions },
  };
}

type Properties = Record<string, JsonSchema>;

const metaSchema: JsonSchema = { type: 'array', items: { $ref: '#/definitions/meta' }, maxItems: maxChain };

/** Keys that runs of a sweep have in common. */
const common = ['name', 'seeds', 'thresholds'];

/** The keys of a sweep: completion for what is varied most, any dotted path beside it. */
function sweepProperties(): Properties {
  const at = (path: string): JsonSchema => ({ $ref: `#/properties/${path}` });
  const below = (key: string, keys: Shape) =>
    Object.keys(keys).map((name) => [`${key}.${name}`, at(`${key}/properties/${name}`)] as const);
  const keys: Properties = Object.fromEntries([
    ...Object.keys(configKeys)
      .filter((key) => !common.includes(key))
      .map((key) => [key, at(key)] as const),
    ...below('byzantine', byzantineKeys),
    ...below('evaluate', evaluateKeys),
    ['aggregator.rule', { anyOf: names(aggregatorKind) }],
    ['aggregator.weighted', toJsonSchema(aggregatorKeys.weighted)],
    ['aggregator.meta', metaSchema],
    ['optimizer.name', { anyOf: names(optimizerKind) }],
  ]);
  const map = (of: (item: JsonSchema) => JsonSchema) =>
    Object.fromEntries(Object.entries(keys).map(([key, item]) => [key, of(item)]));
  const list = (items?: JsonSchema): JsonSchema => ({ type: 'array', items, minItems: 1 });
  const entries = (properties: Properties): JsonSchema => ({
    type: 'array',
    items: { type: 'object', properties, minProperties: 1 },
  });
  return {
    matrix: { type: 'object', properties: map(list), additionalProperties: list() },
    exclude: entries(map((item) => ({ anyOf: [item, list(item)] }))),
    include: entries(keys),
  };
}

/** Shapes as properties; `sections` stand for those that are resolved elsewhere, and get their descriptions. */
function properties(shape: Shape, sections: Properties = {}): Properties {
  return Object.fromEntries(
    Object.entries(shape).map(([key, type]) => {
      const own = toJsonSchema(type);
      return [key, key in sections ? { description: own.description, ...sections[key] } : own];
    }),
  );
}

function mapping(shape: Shape, sections: Properties = {}): JsonSchema {
  return { type: 'object', properties: properties(shape, sections), additionalProperties: false };
}

/** A named thing: its name, or a mapping of the name and its parameters. */
function nameOrMapping(kind: Kind, common: Properties = {}): JsonSchema {
  return { anyOf: [...names(kind), ...mappings(kind, common)] };
}

function names({ definitions }: Kind): JsonSchema[] {
  return [...definitions.values()].map(({ name, summary }) => ({ const: name, description: summary }));
}

function mappings({ key, definitions }: Kind, common: Properties): JsonSchema[] {
  return [...definitions.values()].flatMap(({ name, summary, parameters, forms }) =>
    Object.entries(forms ?? { '': {} }).map(([form, shape]) => ({
      type: 'object',
      description: summary,
      properties: {
        [key]: { const: name },
        ...properties({ ...parameters, ...shape }),
        ...(form && { form: { const: form } }),
        ...common,
      },
      required: isDefaultForm(parameters, form) ? [key] : [key, 'form'],
      additionalProperties: false,
    })),
  );
}

function isDefaultForm(parameters: Shape, form: string): boolean {
  return form === '' || toJsonSchema(parameters.form).default === form;
}

function datasetSchema(): JsonSchema {
  const named = [...datasets.values()].filter(({ shape }) => shape);
  return {
    anyOf: [
      ...named.map(({ name, summary }) => ({ const: name, description: summary })),
      ...[...datasets.values()]
        .filter(({ shape }) => !shape)
        .map(({ name, summary }) => ({
          type: 'object',
          description: summary,
          properties: { [name]: { type: 'string' } },
          required: [name],
          additionalProperties: false,
        })),
    ],
  };
}

function arrivalSchema(): JsonSchema {
  const clocks = mappings(arrivalKind, properties(arrivalKeys)).map((clock) => ({
    ...clock,
    required: clock.properties?.process.const === 'exponential' ? [] : ['process'],
  }));
  const trace: JsonSchema = {
    type: 'object',
    description: otherArrivals.trace,
    properties: { trace: { type: 'string' } },
    required: ['trace'],
    additionalProperties: false,
  };
  return {
    anyOf: [
      ...speeds.map((speed) => ({ const: speed, description: speedSummaries[speed] })),
      ...clocks,
      trace,
    ],
  };
}
