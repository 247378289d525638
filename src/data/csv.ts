import { CsvError, parse } from 'csv-parse/sync';
import { decimal } from '../base/decimal.js';
import { InvalidFile } from './files.js';

/** A line of a CSV text that is not blank. */
export interface CsvLine {
  /** From 1. */
  line: number;
  cells: readonly string[];
}

/**
 * The lines of a CSV text.
 *
 * @throws InvalidFile naming file:line of one that has not as many columns as the first, or whose quotes do not end
 */
export function csvLines(text: string, file: string): CsvLine[] {
  const lines = read(text, file);
  const columns = lines[0]?.cells.length;
  const wrong = lines.find(({ cells }) => cells.length !== columns);
  if (wrong)
    throw new InvalidFile(`${file}:${wrong.line}`, `${wrong.cells.length} columns, expected ${columns}`);
  return lines;
}

function read(text: string, file: string): CsvLine[] {
  // Files of numbers have millions of lines and no quotes; the parser takes four times as long.
  if (!text.includes('"'))
    return text
      .split(/\r?\n/)
      .map((line, k) => ({ line: k + 1, cells: line.split(',').map((cell) => cell.trim()) }))
      .filter(({ cells }) => cells.length > 1 || cells[0] !== '');
  const options = { trim: true, skip_empty_lines: true, relax_column_count: true, info: true } as const;
  let last = 0;
  const on_record = <T>(record: T, { lines }: { lines: number }) => {
    last = lines;
    return record;
  };
  try {
    const records = parse(text, { ...options, on_record }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return records.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { code, lines, message } = error as CsvError & { lines: number };
    // It is noticed at the end of the file.
    if (code === 'CSV_QUOTE_NOT_CLOSED')
      throw new InvalidFile(`${file}:${last + 1}`, 'a quote that does not end');
    throw new InvalidFile(`${file}:${lines}`, message);
  }
}

/**
 * The decimal number in a cell.
 *
 * @param place file:line
 * @param column from 0
 * @throws InvalidFile where it is no such number, or beyond float32
 */
export function numberIn(cell: string, place: string, column: number, title?: string): number {
  const value = decimal(cell);
  const what = columnName(column, title);
  if (value === undefined) throw new InvalidFile(place, `${what} is no number: ${quote(cell)}`);
  if (!Number.isFinite(Math.fround(value)))
    throw new InvalidFile(place, `${what} is beyond the range of float32: ${cell}`);
  return value;
}

/** "column 3 (age)" for a column, from 0. */
export function columnName(column: number, title?: string): string {
  return title === undefined ? `column ${column + 1}` : `column ${column + 1} (${cut(title)})`;
}

/** Whether a cell names its column. What stands for a number, or for a missing one, does not. */
export function isTitle(cell: string): boolean {
  return /^[^-+.\d]/.test(cell) && !/^(nan|na|n\/a|null|none|inf|infinity)$/i.test(cell);
}

/** A cell as messages show it. */
export function quote(cell: string): string {
  return JSON.stringify(cut(cell));
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
