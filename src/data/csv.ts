import { decimal } from '../base/decimal.js';
import { InvalidFile } from './files.js';

/** A line of a CSV text that is not blank. */
export interface CsvLine {
  /** From 1. */
  line: number;
  cells: readonly string[];
}

/** The lines of a CSV text. @throws InvalidFile naming file:line of one that has not as many columns as the first */
export function* csvLines(text: string, file: string): Generator<CsvLine> {
  let columns: number | undefined;
  for (const [k, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const cells = cellsOf(line);
    columns ??= cells.length;
    if (cells.length !== columns)
      throw new InvalidFile(`${file}:${k + 1}`, `${cells.length} columns, expected ${columns}`);
    yield { line: k + 1, cells };
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

/** The cells of a line of CSV, without the quotes around them and the spaces around those. */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  const cells = line.match(/(?<=^|,)\s*("([^"]|"")*"\s*|[^,"]*)(?=,|$)/g) ?? [];
  if (cells.join().length !== line.length) return [line.trim()]; // a quote that does not end
  return cells.map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
