import { UserError } from '../base/errors.js';
import { show } from '../base/describe.js';
import type { Path } from '../base/issues.js';
import { isMapping, type Mapping } from '../base/mapping.js';
import { wholeNumber } from '../base/decimal.js';
import { shorthands } from './schema.js';
import { parseYaml } from './yaml.js';

/** A change of a config from the command line: `optimizer.learningRate=0.05`. */
export interface Override {
  /** As the user wrote it. */
  text: string;
  path: Path;
  value: unknown;
}

/** Reads `key.path=value`, the value as YAML. Indices of lists count from 0. UserError says what is wrong. */
export function parseOverride(text: string): Override {
  const { path, source } = splitOverride(text);
  return { text, path, value: parseValue(source) };
}

/** The two sides of `key.path=value`. UserError if it is no such thing. */
export function splitOverride(text: string): { key: string; path: Path; source: string } {
  const [, key, source] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  const path = key === undefined ? undefined : parsePath(key);
  if (!path)
    throw new UserError('invalid override (write key.path=value, such as optimizer.learningRate=0.05)');
  return { key, path, source };
}

/** More steps than any key of a config has. */
const maxSteps = 20;

/** The steps of a dotted path, `aggregator.meta.0.lambda`; nothing if the text is none. */
export function parsePath(text: string): Path | undefined {
  if (!/^[A-Za-z][\w-]*(\.([A-Za-z][\w-]*|\d+))*$/.test(text)) return undefined;
  const steps = text.split('.');
  if (steps.length > maxSteps) return undefined;
  return steps.map((key) => wholeNumber(key) ?? key);
}

/** A value as the command line writes it, in YAML. UserError if it is none. */
export function parseValue(source: string): unknown {
  const parsed = parseYaml(source);
  if ('faults' in parsed) throw new UserError(`invalid value: ${show(source)} (${parsed.faults[0].message})`);
  return parsed.value;
}

/**
 * A copy of the config with one value replaced. Mappings on the way are made where there is none, and a name that
 * stands for a mapping becomes that mapping. UserError where the path leads through a number or past a list.
 */
export function applyOverride(raw: unknown, { path, value }: Pick<Override, 'path' | 'value'>): unknown {
  return replace(raw, path, value, []);
}

function replace(at: unknown, path: Path, value: unknown, done: Path): unknown {
  if (path.length === 0) return value;
  const [step, ...rest] = path;
  if (Array.isArray(at)) {
    if (typeof step !== 'number' || step >= at.length) {
      throw new UserError(`invalid index: ${step} (${done.join('.')} is a list of ${at.length}, from 0)`);
    }
    return at.map((entry: unknown, k) => (k === step ? replace(entry, rest, value, [...done, step]) : entry));
  }
  const mapping = expand(at, done);
  if (!mapping || typeof step === 'number') {
    const found = at === undefined || at === null ? 'not given' : show(at);
    throw new UserError(`invalid key: ${step} (${done.join('.')} is ${found})`);
  }
  const below = Object.hasOwn(mapping, step) ? mapping[step] : undefined;
  return { ...mapping, [step]: replace(below, rest, value, [...done, step]) };
}

/** The mapping that a value is or stands for. */
function expand(value: unknown, path: Path): Mapping | undefined {
  if (value === undefined || value === null) return {};
  if (isMapping(value)) return value;
  const key = shorthands[path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')];
  return key !== undefined && typeof value === 'string' ? { [key]: value } : undefined;
}
