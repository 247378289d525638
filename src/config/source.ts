import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/errors.js';
import { requireText } from '../base/text-file.js';
import { isMap, isScalar, isSeq, type Node, type ParsedNode } from 'yaml';
import type { Path } from '../base/issues.js';
import { legalValues, toJsonSchema } from '../base/describe.js';
import { ConfigError } from './problems.js';
import { configKeys } from './schema.js';
import { parseYaml } from './yaml.js';

/** The values of a YAML text, and where in the text each stands. */
export interface Source {
  value: unknown;
  /** Line and column (from 1) of the deepest part of the text on a path; of the last key on it with `atKey`. */
  position(path: Path, atKey?: boolean): { line: number; column: number };
}

/** ConfigError if the text is no YAML: nothing else can be checked then. */
export function parseSource(text: string, file: string): Source {
  const parsed = parseYaml(text);
  const position = (offset: number) => positionIn(text, offset);
  if ('faults' in parsed) {
    const problems = parsed.faults.map(({ offset, message, tooLong }) => ({
      ...position(offset),
      message: tooLong ? `${message}${legalAt(text, offset)}` : message,
    }));
    throw new ConfigError(file, problems);
  }
  return {
    value: parsed.value,
    position: (path, atKey = false) => position(offsetOf(parsed.contents, path, atKey)),
  };
}

/** "; seeds: list of 1 to 1000 integers >= 0": what the key at the top takes that an offset is below, if it says. */
function legalAt(text: string, offset: number): string {
  const key = [...text.slice(0, offset).matchAll(/^(\w+):/gm)].at(-1)?.[1];
  if (key === undefined || !Object.hasOwn(configKeys, key)) return '';
  return `; ${key}: ${legalValues(toJsonSchema(configKeys[key as keyof typeof configKeys]))}`;
}

/** Line and column of an offset, both from 1. */
function positionIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function offsetOf(node: ParsedNode | null, path: Path, atKey: boolean): number {
  const offset = node?.range?.[0] ?? 0;
  if (path.length === 0) return offset;
  const [step, ...rest] = path;
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step] as ParsedNode | undefined;
    return item ? offsetOf(item, rest, atKey) : offset;
  }
  const pair = isMap(node)
    ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
    : undefined;
  if (!pair) return offset;
  const keyOffset = (pair.key as Node).range?.[0] ?? offset;
  if (atKey && rest.length === 0) return keyOffset;
  return pair.value ? offsetOf(pair.value, rest, atKey) : keyOffset;
}

/** Of a config: ten times one that writes out the starting point of a convolutional network. */
const maxBytes = 16e6;

/** UserError where there is no such file, ConfigError where it is no YAML. */
export async function readSource(file: string): Promise<Source> {
  const own = fileURLToPath(new URL(`../../${file}`, import.meta.url));
  if (!existsSync(file) && /^configs[\\/]/.test(file) && existsSync(own))
    throw new UserError(`missing config: ${file} (byzsim has one: ${relative('.', own)})`);
  const { text } = await requireText('config', file, maxBytes);
  return parseSource(text, file);
}
