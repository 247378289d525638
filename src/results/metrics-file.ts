import { join } from 'node:path';
import { show } from '../base/describe.js';
import { commonColumns, type MetricsRow } from '../simulation/columns.js';
import { DamagedFile, readText } from './reading.js';

/** metrics.csv of a run. */
export interface Metrics {
  text: string;
  /** The common ones, and those of the run's mode. */
  columns: readonly string[];
  rows: readonly MetricsRow[];
  /** The rows as they stand there. */
  lines: readonly string[];
}

/** metrics.csv of a run folder, or nothing when there is none. @throws DamagedFile naming the line that is none */
export function readMetrics(folder: string): Metrics | undefined {
  const file = join(folder, 'metrics.csv');
  const text = readText(file);
  if (text === undefined) return undefined;
  const { header, lines } = splitTable(file, text);
  const columns = header.split(',');
  const problem = columnsProblem(columns);
  if (problem !== undefined) throw new DamagedFile(file, problem);
  const rows = lines.map((line, k) => readRow(file, k + 2, columns, line.split(',')));
  return { text, columns, rows, lines };
}

/**
 * The header and the lines of a table that is whole: its last line has its end. Other systems' ends of lines, which a
 * checkout may have made of ours, are understood.
 *
 * @throws DamagedFile
 */
export function splitTable(file: string, text: string): { header: string; lines: string[] } {
  if (text === '') throw new DamagedFile(file, 'it is empty');
  if (text.startsWith('\uFEFF')) throw new DamagedFile(file, 'it begins with a byte order mark');
  const [header, ...lines] = text.split(/\r?\n/);
  if (lines.pop() !== '') throw new DamagedFile(file, 'its last line is cut short');
  return { header, lines };
}

/** What is wrong with the columns of a table: each that all modes have must be there, and none twice. */
export function columnsProblem(columns: readonly string[]): string | undefined {
  const missing = commonColumns.find(({ name }) => !columns.includes(name));
  if (missing) return `column ${missing.name} is missing`;
  const doubled = columns.find((name, k) => columns.indexOf(name) !== k);
  return doubled === undefined ? undefined : `column ${show(doubled)} is there twice`;
}

/**
 * The numbers of a row by column, written as this program writes numbers.
 * @throws DamagedFile
 */
export function readRow(
  file: string,
  line: number,
  columns: readonly string[],
  cells: readonly string[],
): MetricsRow {
  const wrong = cells.find((cell) => cell !== '' && String(Number(cell)) !== cell);
  if (wrong !== undefined) {
    const what = Number.isNaN(Number(wrong)) ? 'is no number' : 'is not how byzsim writes a number';
    throw new DamagedFile(file, `line ${line}: ${show(wrong)} ${what}`);
  }
  if (cells.length !== columns.length)
    throw new DamagedFile(file, `line ${line}: ${cells.length} cells (${columns.length} expected)`);
  return Object.fromEntries(
    columns.map((column, k) => [column, cells[k] === '' ? undefined : Number(cells[k])]),
  );
}
