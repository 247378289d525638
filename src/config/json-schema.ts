import { basename } from 'node:path';
import { toJsonSchema, type JsonSchema } from '../base/describe.js';
import type { Keys } from '../base/definition.js';
import { maxChain } from '../base/limits.js';
import { isUserFiles, type DatasetDefinition } from '../data/dataset.js';
import { computeTimes, speeds } from '../simulation/arrivals.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { SplitDefinition } from '../data/splits/split.js';
import { columnsOf } from '../simulation/mode.js';
import { thresholdsSchema } from '../thresholds/thresholds.js';
import { aggregatorKeys, kindsOf, modelKeys, type Kind, type Kinds } from './kinds.js';
import { noSplit, otherSplit } from './split.js';
import { synchronousNetwork } from './network.js';
import {
  besideExperiment,
  byzantineKeys,
  checkpointKeys,
  configKeys,
  defaultMode,
  evaluateKeys,
  faultKeys,
  networkKeys,
  otherArrivals,
  sectionKeys,
  serversKeys,
  sweepKeys,
} from './schema.js';

/**
 * The config language as JSON Schema (draft 7, which editors know best), for completion and checks while typing. It
 * knows every key, name and bound, but not what one key demands of another; `byzsim validate` does.
 */
export function configJsonSchema(catalogue: Catalogue): JsonSchema {
  const kinds = kindsOf(catalogue);
  const modes = [...catalogue.modes.values()];
  const ofModes = Object.assign({}, ...modes.map(({ parameters }) => parameters)) as Keys;
  const taken = new Set<string>(modes.flatMap(({ sections = [] }) => sections));
  const ofSections = Object.fromEntries(Object.entries(sectionKeys).filter(([key]) => taken.has(key)));
  const ofByzantine = Object.assign({}, byzantineKeys, ...modes.map(({ byzantine }) => byzantine)) as Keys;
  const thresholds = thresholdsSchema(columnsOf(modes));
  const config = mapping(
    { ...configKeys, ...ofModes, ...ofSections, ...sweepKeys },
    {
      dataset: datasetSchema([...catalogue.datasets.values()]),
      split: splitSchema([...catalogue.splits.values()]),
      mode: { default: defaultMode, anyOf: names(kinds.mode) },
      model: nameOrMapping(kinds.model, properties(modelKeys)),
      arrival: arrivalSchema(kinds),
      byzantine: mapping(ofByzantine, {
        attack: nameOrMapping(kinds.attack, { as: { $ref: '#/definitions/carriedOut' } }),
      }),
      servers: mapping(serversKeys, { attack: nameOrMapping(kinds.serverAttack) }),
      network: networkSchema(kinds),
      faults: { type: 'array', items: { ...mapping(faultKeys), required: ['node'] } },
      aggregator: nameOrMapping(kinds.serverRule, properties(aggregatorKeys, { meta: metaSchema })),
      optimizer: nameOrMapping(kinds.optimizer),
      evaluate: mapping(evaluateKeys),
      thresholds: thresholds.schema,
      checkpoint: mapping(checkpointKeys),
      ...sweepProperties(kinds),
    },
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'byzsim config',
    ...config,
    // A sweep may vary any of these.
    if: { anyOf: [{ required: ['matrix'] }, { required: ['include'] }] },
    else: { required: ['dataset', 'workers', 'aggregator', 'optimizer', 'updates'] },
    definitions: {
      meta: nameOrMapping(kinds.metaAggregator),
      carriedOut: nameOrMapping(carriedOutOf(kinds)),
      ...thresholds.definitions,
    },
  };
}

type Properties = Record<string, JsonSchema>;

/** The attacks that scheduled ones may carry out. */
function carriedOutOf({ attack }: Kinds): Kinds['attack'] {
  const definitions = [...attack.definitions].filter(([, { kind }]) => kind !== 'scheduled');
  return { ...attack, definitions: new Map(definitions) };
}

const metaSchema: JsonSchema = { type: 'array', items: { $ref: '#/definitions/meta' }, maxItems: maxChain };

/** The keys of a sweep: completion for what is varied most, any dotted path beside it. */
function sweepProperties(kinds: Kinds): Properties {
  const at = (path: string): JsonSchema => ({ $ref: `#/properties/${path}` });
  const below = (key: string, keys: Keys) =>
    Object.keys(keys).map((name) => [`${key}.${name}`, at(`${key}/properties/${name}`)] as const);
  const keys: Properties = Object.fromEntries([
    ...Object.keys(configKeys)
      .filter((key) => !besideExperiment.includes(key))
      .map((key) => [key, at(key)] as const),
    ...below('byzantine', byzantineKeys),
    ...below('evaluate', evaluateKeys),
    ['aggregator.rule', { anyOf: names(kinds.serverRule) }],
    ['aggregator.weighted', toJsonSchema(aggregatorKeys.weighted)],
    ['aggregator.meta', metaSchema],
    ['optimizer.name', { anyOf: names(kinds.optimizer) }],
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
    slurm: {
      type: 'object',
      properties: { setup: { type: 'array', items: { type: 'string' } } },
      additionalProperties: { anyOf: ['string', 'number', 'boolean'].map((type) => ({ type })) },
    },
    figures: { type: 'object', additionalProperties: { type: 'object' } },
  };
}

/** Shapes as properties; `sections` stand for those that are resolved elsewhere, and get their descriptions. */
function properties(shape: Keys, sections: Properties = {}): Properties {
  return Object.fromEntries(
    Object.entries(shape).map(([key, type]) => {
      const own = toJsonSchema(type);
      return [key, key in sections ? { description: own.description, ...sections[key] } : own];
    }),
  );
}

function mapping(shape: Keys, sections: Properties = {}): JsonSchema {
  return { type: 'object', properties: properties(shape, sections), additionalProperties: false };
}

/** A named thing: its name, or a mapping of the name and its parameters. `sections`: see `properties`. */
function nameOrMapping(kind: Kind, sections: Properties = {}): JsonSchema {
  return { anyOf: [...names(kind), ...mappings(kind, sections)] };
}

function names({ definitions }: Kind): JsonSchema[] {
  return [...definitions.values()]
    .filter(({ module }) => module === undefined)
    .map(({ name, summary }) => ({ const: name, description: summary }));
}

function mappings(kind: Kind, sections: Properties): JsonSchema[] {
  const { key, definitions, common } = kind;
  const known = [...definitions.values()].flatMap(({ name, summary, parameters, forms, module }) =>
    Object.entries(forms ?? { '': {} }).map(([form, shape]) => {
      const named = module === undefined ? key : 'module';
      return {
        type: 'object',
        description: summary,
        properties: {
          [key]: { const: name },
          ...(module !== undefined && { module: { type: 'string', pattern: endOf(module) } }),
          ...properties({ ...parameters, ...shape }, sections),
          ...(form && { form: { const: form } }),
          ...properties(common ?? {}, sections),
        },
        required: isDefaultForm(parameters, form) ? [named] : [named, 'form'],
        additionalProperties: false,
      };
    }),
  );
  return [...known, ...unknownModule(kind, sections)];
}

/** A module of which nothing is known: any parameters may be its. Nothing where one of the kind is known. */
function unknownModule({ noun, key, definitions, common, module }: Kind, sections: Properties): JsonSchema[] {
  if (!module || [...definitions.values()].some((each) => each.module !== undefined)) return [];
  return [
    {
      type: 'object',
      description: `a file of your own that defines one, with the parameters of its ${noun}`,
      properties: {
        module: { type: 'string', description: 'its path, from the config' },
        [key]: { type: 'string' },
        ...properties(common ?? {}, sections),
      },
      required: ['module'],
    },
  ];
}

/** A pattern of the paths that end with the name of a file. */
function endOf(file: string): string {
  return `(^|[\\\\/])${basename(file).replaceAll('.', '\\.')}$`;
}

function isDefaultForm(parameters: Keys, form: string): boolean {
  return form === '' || toJsonSchema(parameters.form).default === form;
}

function datasetSchema(datasets: readonly DatasetDefinition[]): JsonSchema {
  const inFiles = ({ name, summary, parameters }: DatasetDefinition): JsonSchema => ({
    type: 'object',
    description: summary,
    properties: { [name]: { type: 'string' }, ...properties(parameters) },
    required: [
      name,
      ...Object.keys(parameters).filter((key) => !parameters[key].safeParse(undefined).success),
    ],
    additionalProperties: false,
  });
  return {
    anyOf: datasets
      .toSorted((a, b) => Number(isUserFiles(a.input)) - Number(isUserFiles(b.input)))
      .map((each) =>
        isUserFiles(each.input) ? inFiles(each) : { const: each.name, description: each.summary },
      ),
  };
}

function splitSchema(splits: readonly SplitDefinition[]): JsonSchema {
  const own = splits.map(({ name, summary, parameters }): JsonSchema =>
    Object.hasOwn(parameters, name)
      ? {
          type: 'object',
          description: summary,
          properties: properties(parameters),
          required: [name],
          additionalProperties: false,
        }
      : { const: name, description: summary },
  );
  return { default: noSplit, anyOf: [{ const: noSplit, description: otherSplit }, ...own] };
}

function arrivalSchema(kinds: Kinds): JsonSchema {
  const clocks = mappings(kinds.clock, {}).map((clock) =>
    clock.properties?.process.const === 'exponential' ? { ...clock, required: [] } : clock,
  );
  const compute: JsonSchema = {
    type: 'object',
    description: otherArrivals.compute,
    properties: { compute: toJsonSchema(computeTimes) },
    required: ['compute'],
    additionalProperties: false,
  };
  const trace: JsonSchema = {
    type: 'object',
    description: otherArrivals.trace,
    properties: { trace: { type: 'string' } },
    required: ['trace'],
    additionalProperties: false,
  };
  return {
    anyOf: [
      ...Object.entries(speeds).map(([name, description]) => ({ const: name, description })),
      ...clocks,
      trace,
      compute,
    ],
  };
}

function networkSchema(kinds: Kinds): JsonSchema {
  const links: JsonSchema = {
    type: 'object',
    description: 'constant delays: a CSV file with the columns from, to, delay',
    properties: { links: { type: 'string' } },
    required: ['links'],
    additionalProperties: false,
  };
  const clocks = [...names(kinds.delay), ...mappings(kinds.delay, {})].map((clock) =>
    clock.properties?.process.const === 'exponential' ? { ...clock, required: [] } : clock,
  );
  const constant: JsonSchema = { type: 'number', description: 'the same for all messages', minimum: 0 };
  return {
    anyOf: [
      { const: synchronousNetwork, description: 'all messages of a step arrive before it ends' },
      mapping(networkKeys, { delay: { anyOf: [constant, ...clocks, links] } }),
    ],
  };
}
