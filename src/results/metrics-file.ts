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
    const cells = line.split(',');
    const values = cells.map((cell) => (cell === '' ? undefined : Number(cell)));
    const wrong = cells.findIndex((cell, j) => Number.isNaN(values[j]) && cell !== 'NaN');
    if (cells.length !== columns.length || wrong >= 0) {
      const what = wrong >= 0 ? `${cells[wrong]} is no number` : `${cells.length} cells`;
      throw new UserError(
        `unreadable ${file}: line ${k + 2}: ${what} (${columns.length} numbers expected); run it again`,
      );
    }
    return Object.fromEntries(columns.map((column, j) => [column, values[j]]));
  });
  return { columns, rows };
}
