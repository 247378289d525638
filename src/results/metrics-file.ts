import { readFileSync } from 'node:fs';
import { UserError } from '../errors.js';

/** A row of metrics.csv by column; an empty cell is undefined. */
export type MetricsRow = Readonly<Record<string, number | undefined>>;

export interface Metrics {
  columns: string[];
  rows: MetricsRow[];
}

/**
 * Reads a table of numbers with a header, as metrics.csv is.
 * @throws UserError naming the line that is none
 */
export function readMetrics(file: string): Metrics {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/);
  const columns = header.split(',');
  const rows = lines.map((line, k) => {
    const unreadable = (what: string) =>
      new UserError(
        `unreadable ${file}: line ${k + 2}: ${what} (${columns.length} numbers expected); run it again`,
      );
    return readNumbers(columns, line.split(','), unreadable);
  });
  return { columns, rows };
}

/** The numbers of a row by column. @throws what `unreadable` makes of the reason */
export function readNumbers(
  columns: readonly string[],
  cells: readonly string[],
  unreadable: (what: string) => UserError,
): MetricsRow {
  const values = cells.map((cell) => (cell === '' ? undefined : Number(cell)));
  const wrong = cells.findIndex((cell, k) => Number.isNaN(values[k]) && cell !== 'NaN');
  if (wrong >= 0) throw unreadable(`${cells[wrong]} is no number`);
  if (cells.length !== columns.length) throw unreadable(`${cells.length} cells`);
  return Object.fromEntries(columns.map((column, k) => [column, values[k]]));
}
