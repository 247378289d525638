import { decimal } from '../base/decimal.js';
import { maxValues } from '../base/limits.js';
import { sweepKeys } from '../config/schema.js';
import { parseValue, splitOverride } from '../config/overrides.js';
import { UserError } from '../base/errors.js';
import type { Assignment, SweepIssue } from './assignment.js';

/** A word of the command line: one value for a key, or an axis of several. */
export interface Word {
  key: string;
  values: readonly Assignment[];
}

/**
 * Reads `key=value`, `key=a,b,c` and `key=range(0,5)`, which is 0, 1, 2, 3, 4. Commas within brackets, braces and quotes
 * belong to a value. Of a key that is given twice the last word counts.
 */
export function parseWords(texts: readonly string[]): { words: Word[]; issues: SweepIssue[] } {
  const words = new Map<string, Word>();
  const issues: SweepIssue[] = [];
  for (const text of texts) {
    try {
      const word = parseWord(text);
      words.set(word.key, word);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      issues.push({ message: error.message, origin: { text } });
    }
  }
  return { words: [...words.values()], issues };
}

function parseWord(text: string): Word {
  const { key, path, source } = splitOverride(text);
  if (path[0] === 'slurm') throw new UserError(`invalid key: ${key} (slurm stands in the sweep file only)`);
  if (Object.hasOwn(sweepKeys, String(path[0])))
    throw new UserError(
      `invalid key: ${key} (name the key itself, with all of its values: aggregator=cwmed,krum)`,
    );
  const parts = splitList(source);
  if (parts.length > 1 && parts.some((part) => part.trim() === ''))
    throw new UserError(`invalid list: ${source} (a value is missing)`);
  const values = parts.flatMap((part) => parseRange(part) ?? [parseValue(part)]);
  const assign = (value: unknown): Assignment => ({ key, path, value, origin: { text } });
  // All seeds are one value, of the key `seeds`.
  if (key === 'seeds')
    return { key, values: [assign(values.length === 1 && Array.isArray(values[0]) ? values[0] : values)] };
  return { key, values: values.map(assign) };
}

/** Splits at the commas that stand in no bracket, brace or quote. */
function splitList(source: string): string[] {
  const parts = [''];
  let depth = 0;
  let quote = '';
  for (const character of source) {
    if (quote) quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    if (character === ',' && depth === 0 && !quote) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** `range(start,end)` and `range(start,end,step)`: numbers from start on, the end not among them. */
function parseRange(source: string): number[] | undefined {
  const [, list] = /^\s*range\((.*)\)\s*$/.exec(source) ?? [];
  if (list === undefined) return undefined;
  const wrong = (reason: string) => new UserError(`invalid range: ${source.trim()} (${reason})`);
  const numbers = list.split(',').map((part) => decimal(part.trim()) ?? NaN);
  if (numbers.length < 2 || numbers.length > 3 || numbers.some(Number.isNaN))
    throw wrong('write range(0,5) for 0, 1, 2, 3, 4, or range(start,end,step)');
  const [start, end, step = 1] = numbers;
  // Steps such as 0.1 are not exact: an end that is missed by less than rounding counts as met.
  const count = Math.ceil((end - start) / step - 1e-9);
  if (!(count >= 1) || step === 0) throw wrong('it is empty');
  if (count > maxValues) throw wrong(`${count} values are too many, the limit is ${maxValues}`);
  return Array.from({ length: count }, (_, k) => Number((start + k * step).toPrecision(12)));
}
