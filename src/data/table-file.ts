import type { Issue } from '../base/issues.js';
import { decimal } from '../base/decimal.js';
import { show } from '../base/describe.js';
import { nearest } from '../base/suggest.js';
import { columnName, csvLines, isTitle, numberIn, quote, type CsvLine } from './csv.js';
import { InvalidFile } from './files.js';

export type Task = 'classification' | 'regression';

/** A CSV file whose columns are numbers, but for one that may be words. */
export interface Table {
  file: string;
  /** Of all columns, where the first line has them. */
  titles?: readonly string[];
  /** The column of labels, from 0. */
  label: number;
  /** At least one. */
  lines: readonly CsvLine[];
  /** Of each line, all columns but that of labels. */
  features: readonly number[][];
}

/** Most classes: labels are bytes. */
const maxClasses = 256;

/**
 * Reads a table.
 *
 * @param label the title of the column of labels, which the first line must hold then; or its number, from 1, and the
 *   first line may hold titles
 * @returns the table, or an issue with the label
 * @throws InvalidFile naming file:line and the column of what is no number, or of a row of another length
 */
export function parseTable(
  text: string,
  file: string,
  label: string | number,
): { table: Table } | { issue: Issue } {
  const all = csvLines(text, file);
  if (all.length === 0) throw new InvalidFile(file, 'no rows');
  const [{ cells }] = all;
  const titles = typeof label === 'string' || cells.every(isTitle) ? cells : undefined;
  const found = columnOf(label, cells, file);
  if (typeof found === 'object') return found;
  const lines = titles ? all.slice(1) : all;
  if (lines.length === 0) throw new InvalidFile(file, 'no rows below the titles');
  if (cells.length === 1) throw new InvalidFile(file, 'no column beside that of labels');
  const features = lines.map(({ line, cells }) =>
    cells.flatMap((cell, column) =>
      column === found ? [] : [numberIn(cell, `${file}:${line}`, column, titles?.[column])],
    ),
  );
  return { table: { file, titles, label: found, lines, features } };
}

/** The column of labels, from 0. */
function columnOf(label: string | number, first: readonly string[], file: string): number | { issue: Issue } {
  const wrong = (message: string) => ({ issue: { path: ['label'], message } });
  if (typeof label === 'number') {
    if (label <= first.length) return label - 1;
    return wrong(`invalid label: ${label} (${file} has ${first.length} columns)`);
  }
  const columns = [...first.keys()].filter((column) => first[column] === label);
  if (columns.length === 1) return columns[0];
  if (columns.length > 1) {
    const numbers = columns.map((column) => column + 1).join(' and ');
    return wrong(`invalid label: ${show(label)} (columns ${numbers} are called so; give a number, from 1)`);
  }
  const guess = nearest(label, first);
  const titles = first.slice(0, 10).map(quote).join(', ');
  const hint = guess ? `did you mean ${guess}?` : `${file} has ${titles}${first.length > 10 ? ', ...' : ''}`;
  return wrong(`unknown column: ${show(label)} (${hint})`);
}

/** Numbers that are not all whole are to be predicted; whole numbers and words are classes. */
export function taskOf({ lines, label }: Table): Task {
  const values = lines.map(({ cells }) => decimal(cells[label]));
  return values.every((value) => value !== undefined) && !values.every(Number.isInteger)
    ? 'regression'
    : 'classification';
}

/** The label of each line as a number. @throws InvalidFile at the first that is none */
export function numericLabels({ file, titles, label, lines }: Table): number[] {
  return lines.map(({ line, cells }) => numberIn(cells[label], `${file}:${line}`, label, titles?.[label]));
}

/**
 * The classes of a table, sorted: whole numbers by size, or else words by their characters.
 *
 * @throws InvalidFile at the first label that is missing, or of another kind than those above; or where there is one class
 *   only, or more than 256
 */
export function classesOf(table: Table): (string | number)[] {
  const { file, titles, label, lines } = table;
  const what = columnName(label, titles?.[label]);
  const classes = new Set(labelsOf(table));
  const count = classes.size.toLocaleString('en');
  if (classes.size === 1)
    throw new InvalidFile(file, `${what} has one class only: ${quote(lines[0].cells[label])}`);
  if (classes.size <= maxClasses) return [...classes].sort((a, b) => (a < b ? -1 : 1));
  const remedy = [...classes].every((value) => typeof value === 'number')
    ? '; write task: regression to predict the number'
    : '';
  throw new InvalidFile(file, `${what} has ${count} classes (at most ${maxClasses}${remedy})`);
}

/** The label of each line as its place among classes. @throws InvalidFile as classesOf, and where a class is unknown */
export function classLabels(table: Table, classes: readonly (string | number)[]): number[] {
  const { file, titles, label, lines } = table;
  const places = new Map(classes.map((name, place) => [name, place]));
  return labelsOf(table).map((name, k) => {
    const place = places.get(name);
    if (place !== undefined) return place;
    const what = `${columnName(label, titles?.[label])} is ${quote(String(name))}`;
    throw new InvalidFile(`${file}:${lines[k].line}`, `${what}, a class without training rows`);
  });
}

function labelsOf({ file, titles, label, lines }: Table): (string | number)[] {
  const areNumbers = decimal(lines[0].cells[label]) !== undefined;
  const kinds = 'classes are all whole numbers or all words';
  return lines.map(({ line, cells }) => {
    const cell = cells[label];
    const value = decimal(cell);
    const wrong = (problem: string) =>
      new InvalidFile(`${file}:${line}`, `${columnName(label, titles?.[label])} ${problem}`);
    if (/^(nan|na|n\/a|null|)$/i.test(cell)) throw wrong(`has no label: ${quote(cell)}`);
    if (areNumbers && !Number.isInteger(value)) throw wrong(`is no whole number: ${quote(cell)} (${kinds})`);
    if (!areNumbers && value !== undefined) throw wrong(`is a number, not a word: ${quote(cell)} (${kinds})`);
    return value ?? cell;
  });
}
