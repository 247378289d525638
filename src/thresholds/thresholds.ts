import { show, type JsonSchema } from '../base/describe.js';
import type { Issue, Path } from '../base/issues.js';
import { isMapping, type Mapping, valueOf } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';
import type { Column } from '../simulation/columns.js';
import { decimal } from '../base/decimal.js';
import { maxThresholds } from '../base/limits.js';
import { parseQuantity, quantitiesOf, targetPattern, targetProblem, type Quantity } from './quantity.js';

/**
 * What results must meet, in words such as k6 has: `final.test_accuracy: ['mean >= 0.95', 'std <= 0.01']`. Thresholds
 * are no part of an experiment: they bear neither on its identity nor on what is drawn.
 */

/** Of a cell, which is the runs of one experiment: over its seeds. `difference` is that of two cells' means. */
export const statistics = ['mean', 'std', 'min', 'max', 'difference'] as const;
export type Statistic = (typeof statistics)[number];

export const comparators = ['>=', '<=', '>', '<'] as const;
export type Comparator = (typeof comparators)[number];

/** A cell beside its counterpart, by Welch's t at the level of 5 %: two-sided alone, one-sided with a number. */
export const verdicts = ['better', 'not worse', 'not better', 'worse'] as const;
export type Verdict = (typeof verdicts)[number];

export interface Bound {
  statistic: Statistic;
  comparison: Comparator;
  bound: number;
}

/** `not worse` is met where `worse` is not shown; `not worse by 0.005` where it is shown that it is not so much worse. */
export interface Judgement {
  verdict: Verdict;
  /** Above 0, in the unit of the column. */
  by?: number;
}

export type Test = Bound | Judgement;

/** One test of one quantity, for every cell that `where` picks. */
export interface Threshold {
  where: Mapping;
  /** The keys in which the cell to compare with differs. */
  against?: Mapping;
  quantity: Quantity;
  /** Which values of it are better. */
  better?: Column['better'];
  test: Test;
  /** The test as it was written, without idle space. */
  text: string;
}

/** As configs keep them: `where`, `against`, and lists of tests by quantity. Legal, and written out again as it is. */
export type ThresholdGroup = { where?: Mapping; against?: Mapping } & Record<string, unknown>;

/** How numbers are written, as a regular expression. */
const decimalPattern = '[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?';

/** What the runs of one config have. */
export interface OwnColumns {
  /** Whose they are, for messages: "mode sync". */
  owner: string;
  columns: readonly Column[];
}

/**
 * The groups of `thresholds:` in a config, lists spelled out; or what is wrong with them. Nothing for none.
 *
 * @param columns those of any run
 * @param own those of the runs of this config; groups with `where` or `against` may be about others
 */
export function resolveThresholds(
  value: unknown,
  columns: readonly Column[],
  own?: OwnColumns,
): { config?: ThresholdGroup[]; issues: Issue[] } {
  const { groups, issues } = parse(value, columns, own);
  if (issues.length > 0 || groups.length === 0) return { issues };
  return { config: groups.map(({ written }) => written), issues };
}

/** Every test of `thresholds:` on these columns; or what is wrong with them. */
export function parseThresholds(
  value: unknown,
  columns: readonly Column[],
): { thresholds: Threshold[]; issues: Issue[] } {
  const { groups, issues } = parse(value, columns);
  return { thresholds: groups.flatMap(({ thresholds }) => thresholds), issues };
}

interface Group {
  written: ThresholdGroup;
  thresholds: Threshold[];
}

function parse(
  value: unknown,
  columns: readonly Column[],
  own?: OwnColumns,
): { groups: Group[]; issues: Issue[] } {
  if (value === undefined || value === null) return { groups: [], issues: [] };
  const issues: Issue[] = [];
  const entries = Array.isArray(value) ? (value as unknown[]) : [value];
  const groups = entries.map((entry, k) =>
    parseGroup(entry, { columns, own }, Array.isArray(value) ? [k] : [], issues),
  );
  const count = groups.reduce((sum, { thresholds }) => sum + thresholds.length, 0);
  if (count > maxThresholds)
    issues.push({ path: [], message: `too many thresholds: ${count} (the limit is ${maxThresholds})` });
  return { groups, issues };
}

function parseGroup(
  entry: unknown,
  { columns, own }: { columns: readonly Column[]; own?: OwnColumns },
  path: Path,
  issues: Issue[],
): Group {
  if (!isMapping(entry)) {
    const expected = "expected a mapping such as {final.test_accuracy: ['mean >= 0.95']}";
    issues.push({ path, message: `invalid thresholds: ${show(entry)} (${expected})` });
    return { written: {}, thresholds: [] };
  }
  const where = conditions(entry, 'where', path, issues);
  const against = conditions(entry, 'against', path, issues);
  const group: Group = { written: { ...(where && { where }), ...(against && { against }) }, thresholds: [] };
  for (const [key, given] of Object.entries(entry)) {
    if (key === 'where' || key === 'against') continue;
    const quantity = parseQuantity(key, columns);
    if (!quantity) {
      issues.push({ path: [...path, key], message: unknownQuantity(key, columns), atKey: true });
      continue;
    }
    const problem =
      targetProblem(quantity, columns) ?? (where || against ? undefined : lackingProblem(key, quantity, own));
    if (problem !== undefined) {
      issues.push({ path: [...path, key], message: problem, atKey: true });
      continue;
    }
    const better = betterOf(quantity, columns);
    const tests = Array.isArray(given) ? (given as unknown[]) : [given];
    if (tests.length === 0) {
      const message = `missing test: ${key} is held to nothing (write one, such as 'mean >= 0.95', or leave it out)`;
      issues.push({ path: [...path, key], message });
    }
    group.written[key] = tests;
    for (const [k, text] of tests.entries()) {
      const test = parseTest(
        text,
        { ...columnOf(quantity.column, columns), better },
        entry.against !== undefined,
      );
      if (typeof test !== 'string')
        group.thresholds.push({ where: where ?? {}, against, quantity, better, test, text: written(test) });
      else issues.push({ path: [...path, key, ...(Array.isArray(given) ? [k] : [])], message: test });
    }
  }
  if (!Object.keys(entry).some((key) => key !== 'where' && key !== 'against')) {
    issues.push({
      path,
      message: "missing quantity: say what must hold, final.test_accuracy: ['mean >= 0.95']",
    });
  }
  return group;
}

/** Of a column, as it says; of the time to a target, less. */
function betterOf({ row, column }: Quantity, columns: readonly Column[]): Column['better'] {
  return row === 'first' ? 'smaller' : columnOf(column, columns).better;
}

function columnOf(column: string, columns: readonly Column[]): Column {
  return columns.find(({ name }) => name === column)!;
}

/** A column that the runs do not have. */
function lackingProblem(key: string, quantity: Quantity, own?: OwnColumns): string | undefined {
  const needed = quantity.row === 'first' ? [quantity.column, quantity.target.column] : [quantity.column];
  const lacking = needed.find((column) => own && !own.columns.some(({ name }) => name === column));
  if (lacking === undefined) return undefined;
  const names = own!.columns.map(({ name }) => name).join(', ');
  return `invalid quantity: ${show(key)} (${own!.owner} has no ${lacking}; it has ${names})`;
}

/** The keys and values of `where` or `against`. */
function conditions(entry: Mapping, key: string, path: Path, issues: Issue[]): Mapping | undefined {
  const value = valueOf(entry, key);
  if (value === undefined) return undefined;
  if (isMapping(value) && Object.keys(value).length > 0) return value;
  const expected = 'expected keys and their values, such as {attack: sign-flip}';
  issues.push({ path: [...path, key], message: `invalid ${key}: ${show(value)} (${expected})` });
  return undefined;
}

function unknownQuantity(key: string, columns: readonly Column[]): string {
  const guess = nearest(key, [...quantitiesOf(columns), 'where', 'against']);
  const names = columns.map(({ name }) => name).join(', ');
  if (key.includes(' to ')) {
    const reachable = columns.filter(({ better }) => better).map(({ name }) => name);
    return `unknown quantity: ${show(key)} (expected updates, time or epochs to one of ${list(reachable)} and a number, such as time to test_accuracy 0.95)`;
  }
  return `unknown quantity: ${show(key)} (${guess ? `did you mean ${guess}?` : `expected final. or best. and one of ${names}, or time to test_accuracy 0.95`})`;
}

/** The test that a text says, or what is wrong with it. */
function parseTest(text: unknown, column: Column, paired: boolean): Test | string {
  if (typeof text !== 'string')
    return `invalid threshold: ${show(text)} (expected a test such as 'mean >= 0.95')`;
  const [, word, sign, number] = /^\s*([^\s<>=!~]+)\s*([<>=!~]+)\s*(.*?)\s*$/.exec(text) ?? [];
  return word === undefined
    ? parseVerdict(text, column, paired)
    : parseBound(text, { word, sign, number }, column, paired);
}

function parseBound(
  text: string,
  { word, sign, number }: Record<'word' | 'sign' | 'number', string>,
  column: Column,
  paired: boolean,
): Test | string {
  const statistic = statistics.find((known) => known === word);
  if (!statistic) {
    const guess = synonyms[word.toLowerCase()] ?? nearest(word, statistics);
    return `unknown statistic: ${show(word)} (${guess ? `did you mean ${guess}?` : `expected ${list(statistics)}`})`;
  }
  const comparison = comparators.find((known) => known === sign);
  if (!comparison) return `unknown comparison: ${show(sign)} (expected ${list(comparators)})`;
  const bound = decimal(number);
  if (bound === undefined)
    return `invalid threshold: ${show(text)} (expected a number behind ${sign}, such as 0.95)`;
  if (column.fraction && Math.abs(bound) > 1) return beyondFraction(text, column);
  if (statistic === 'difference' && !paired) return withoutPair(text);
  return { statistic, comparison, bound };
}

const synonyms: Readonly<Record<string, Statistic>> = { avg: 'mean', deviation: 'std', sd: 'std' };

function parseVerdict(text: string, column: Column, paired: boolean): Test | string {
  const [, words, by] = /^(.*?)(?: by(| .*))?$/.exec(text.trim().replaceAll(/\s+/g, ' '))!;
  const verdict = verdicts.find((known) => known === words);
  if (!verdict) {
    const guess = nearest(words, verdicts);
    const expected = `expected a test such as 'mean >= 0.95', or ${list(verdicts)}, or 'not worse by 0.005'`;
    return `unknown threshold: ${show(text)} (${guess ? `did you mean '${guess}${by === undefined ? '' : ` by${by}`}'?` : expected})`;
  }
  if (!paired) return withoutPair(text);
  if (!column.better)
    return `invalid threshold: ${show(text)} (neither more nor less ${column.name} is better; test the difference)`;
  if (by === undefined) return { verdict };
  const number = decimal(by.trimStart());
  if (column.fraction && number !== undefined && number > 1) return beyondFraction(text, column);
  return number !== undefined && number > 0
    ? { verdict, by: number }
    : `invalid threshold: ${show(text)} (expected a number above 0 behind by, such as 0.005)`;
}

function beyondFraction(text: string, { name }: Column): string {
  return `invalid threshold: ${show(text)} (${name} is a fraction: 0.95 is 95 %)`;
}

function withoutPair(text: string): string {
  return `invalid threshold: ${show(text)} (it compares: say with what, such as against: {aggregator.weighted: false})`;
}

function written(test: Test): string {
  if (!('verdict' in test)) return `${test.statistic} ${test.comparison} ${test.bound}`;
  return test.by === undefined ? test.verdict : `${test.verdict} by ${test.by}`;
}

function list(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** `thresholds:` as JSON Schema, with the definitions that it refers to. */
export function thresholdsSchema(columns: readonly Column[]): {
  schema: JsonSchema;
  definitions: Record<string, JsonSchema>;
} {
  const bound = `(${statistics.join('|')})\\s*(${comparators.join('|')})\\s*${decimalPattern}`;
  const verdict = `(${verdicts.map((words) => words.replace(' ', '\\s+')).join('|')})(\\s+by\\s+${decimalPattern})?`;
  const group: JsonSchema = {
    type: 'object',
    properties: {
      where: { type: 'object', description: 'for which cells: keys and their values (default: all)' },
      against: {
        type: 'object',
        description: 'beside which cells: the keys that differ, and their values there',
      },
      ...Object.fromEntries(
        quantitiesOf(columns).map((quantity) => [quantity, { $ref: '#/definitions/tests' }]),
      ),
    },
    patternProperties: {
      [`^${targetPattern(columns)}${decimalPattern}$`]: { $ref: '#/definitions/tests' },
    },
    additionalProperties: false,
  };
  const test: JsonSchema = { type: 'string', pattern: `^\\s*(${bound}|${verdict})\\s*$` };
  return {
    schema: {
      anyOf: [
        { $ref: '#/definitions/thresholds' },
        { type: 'array', items: { $ref: '#/definitions/thresholds' } },
      ],
    },
    definitions: {
      thresholds: group,
      tests: {
        description: 'such as mean >= 0.95, over seeds',
        anyOf: [{ type: 'array', items: test, minItems: 1 }, test],
      },
    },
  };
}
