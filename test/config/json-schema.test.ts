import { readdirSync, readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JsonSchema } from '../../src/base/describe.js';
import { configJsonSchema } from '../../src/config/json-schema.js';
import { loadConfig } from '../../src/sweep/load.js';
import { builtins } from '../../src/simulation/catalogue.js';

const configs = new URL('../../configs/', import.meta.url);
const schema = configJsonSchema(builtins);

/** The part of the schema that a reference such as #/properties/model names. */
function resolve(reference: string): JsonSchema {
  const steps = reference.split('/').slice(1);
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], schema) as JsonSchema;
}

/** Whether a value fits the part of JSON Schema that configs need. */
function fits(value: unknown, at: JsonSchema): boolean {
  if (at.$ref) return fits(value, resolve(at.$ref));
  if (at.if && !fits(value, at.if) && !fits(value, at.else ?? {})) return false;
  if (!(at.required ?? []).every((key) => Object.hasOwn(value as object, key))) return false;
  if (at.anyOf && !at.anyOf.some((alternative) => fits(value, alternative))) return false;
  if (at.const !== undefined && value !== at.const) return false;
  if (at.enum && !at.enum.includes(value)) return false;
  switch (at.type) {
    case 'integer':
    case 'number':
      return (
        typeof value === 'number' &&
        (at.type === 'number' || Number.isInteger(value)) &&
        value >= (at.minimum ?? -Infinity) &&
        value <= (at.maximum ?? Infinity) &&
        value > (at.exclusiveMinimum ?? -Infinity) &&
        value < (at.exclusiveMaximum ?? Infinity)
      );
    case 'string':
      return typeof value === 'string' && new RegExp(at.pattern ?? '').test(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return (
        Array.isArray(value) &&
        value.length >= (at.minItems ?? 0) &&
        value.length <= (at.maxItems ?? Infinity) &&
        value.every((entry) => fits(entry, at.items ?? {}))
      );
    case 'object':
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.keys(value).length >= (at.minProperties ?? 0) &&
        Object.entries(value).every(([key, entry]) => {
          const rest = at.additionalProperties ?? true;
          const property = at.properties?.[key] ?? (typeof rest === 'object' ? rest : undefined);
          return property ? fits(entry, property) : rest;
        })
      );
    default:
      return true;
  }
}

const files = readdirSync(configs).filter((file) => file.endsWith('.yaml'));
const read = (file: string) => readFileSync(new URL(file, configs), 'utf8');

describe.each(files)('configs/%s', (file) => {
  test('resolves', async () => {
    await expect(loadConfig(new URL(file, configs).pathname, [], builtins)).resolves.toHaveProperty('config');
  });
  test('fits the schema, and names it to editors', () => {
    expect(read(file)).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/);
    expect(fits(parse(read(file)), schema)).toBe(true);
  });
});

test('configs/schema.json is up to date (vitest run test/config --update writes it)', async () => {
  const file = new URL('schema.json', configs).pathname;
  const options = await resolveConfig(file);
  const text = await format(JSON.stringify(schema), { ...options, filepath: file });
  await expect(text).toMatchFileSnapshot(file);
});

describe('the schema', () => {
  const base = { dataset: 'mnist', workers: 5, aggregator: 'cwmed', optimizer: 'sgd', updates: 10 };
  const without = (key: string) => Object.fromEntries(Object.entries(base).filter(([own]) => own !== key));

  test.each([
    { dataset: { points: 'p.csv' }, initial: [1, 2.5] },
    { model: { name: 'mlp', hidden: [10] } },
    { arrival: { weights: [1, 2, 3, 4, 5] } },
    { arrival: { trace: 't.txt' } },
    { arrival: { process: 'pareto', speed: 'id', alpha: 2 } },
    { aggregator: { rule: 'geometric-median', steps: 2, meta: ['ctma', { rule: 'ctma', lambda: 0.1 }] } },
    { byzantine: { count: 1, attack: { attack: 'empire', factor: 2 } } },
    { optimizer: { name: 'mu2-sgd', gamma: 0.5 } },
    { optimizer: { name: 'mu2-sgd', form: 'theory' } },
    { thresholds: { 'final.test_accuracy': ['mean >= 0.95', 'std<1e-2'], 'best.test_loss': 'max <= .1' } },
    {
      thresholds: [
        {
          where: { attack: 'none' },
          against: { weighted: false },
          'final.test_loss': ['not worse', 'better by 5e-3'],
        },
      ],
    },
  ])('takes %j', (keys) => {
    expect(fits({ ...base, ...keys }, schema)).toBe(true);
  });

  test.each([
    { dataset: 'mnits' },
    { worker: 3 },
    { workers: 0 },
    { updates: 1.5 },
    { name: 'a/b' },
    { seeds: [] },
    { arrival: { trace: 't.txt', speed: 'id' } },
    { arrival: { speed: 'id', alpha: 2 } },
    { aggregator: { rule: 'cwmed', steps: 2 } },
    { aggregator: { rule: 'cwmed', meta: ['cwmed'] } },
    { aggregator: { weighted: true } },
    { byzantine: { lambda: 0.5 } },
    { optimizer: { name: 'mu2-sgd', form: 'theory', beta: 0.1 } },
    { optimizer: { name: 'sgd', learningRate: 0 } },
    { thresholds: { 'final.accuracy': ['mean >= 0.95'] } },
    { thresholds: { 'final.test_accuracy': ['mean == 0.95'] } },
    { thresholds: [{ 'final.test_accuracy': ['good'] }] },
    { thresholds: [{ 'final.test_accuracy': ['not worse by'] }] },
    { thresholds: [{ 'final.test_accuracy': ['not worse by 0.5 %'] }] },
  ])('refuses %j', (keys) => {
    expect(fits({ ...base, ...keys }, schema)).toBe(false);
  });

  test.each([
    { matrix: { aggregator: ['cwmed', { rule: 'krum', f: 2 }], 'byzantine.attack': ['empire'] } },
    { matrix: { 'aggregator.meta': [[], ['ctma']], 'optimizer.learningRate': [0.1, 0.2] } },
    { matrix: { workers: [5, 9] }, exclude: [{ workers: 9 }, { workers: [5, 9], updates: 3 }] },
    { include: [{ 'byzantine.attack': 'label-flip', 'byzantine.lambda': 0.3 }] },
  ])('takes the sweep %j', (keys) => {
    expect(fits({ ...base, ...keys }, schema)).toBe(true);
    expect(fits({ ...without('aggregator'), ...keys }, schema)).toBe(true);
  });

  test.each([
    { matrix: { aggregator: 'cwmed' } },
    { matrix: { workers: [] } },
    { matrix: { workers: [0] } },
    { matrix: { 'byzantine.attack': ['litle'] } },
    { matrix: { 'some.path': 3 } },
    { exclude: { workers: 9 } },
    { include: [{}] },
    { include: [{ 'byzantine.lambda': 0.6 }] },
  ])('refuses the sweep %j', (keys) => {
    expect(fits({ ...base, ...keys }, schema)).toBe(false);
  });

  test.each(['dataset', 'workers', 'aggregator', 'optimizer', 'updates'])('needs %s', (key) => {
    expect(fits(without(key), schema)).toBe(false);
  });

  test('describes every key', () => {
    for (const [key, property] of Object.entries(schema.properties!)) {
      expect(property.description, key).toMatch(/\w/);
    }
  });
});
