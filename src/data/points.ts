import { basename } from 'node:path';
import type { Dataset, DatasetDefinition } from './dataset.js';
import { decimal } from '../base/decimal.js';
import { maxTableBytes, requireText } from '../base/text-file.js';
import { InvalidFile, sha256 } from './files.js';

/**
 * Points from a CSV file: one point a line, an optional header line, the same number of columns throughout. Training
 * draws the rows in file order and wraps round; the test split is the same rows.
 */
export async function loadPoints(file: string): Promise<Dataset> {
  const { text, bytes } = await requireText('points', file, maxTableBytes);
  const rows = parsePoints(text, file);
  const dimension = rows[0].length;
  const inputs = new Float32Array(
    new SharedArrayBuffer(rows.length * dimension * Float32Array.BYTES_PER_ELEMENT),
  );
  rows.forEach((row, k) => inputs.set(row, k * dimension));
  const split = { count: rows.length, inputs, labels: new Uint8Array(new SharedArrayBuffer(0)) };
  return {
    name: 'points',
    shape: [dimension],
    classes: 0,
    train: split,
    test: split,
    order: 'file-order',
    checksums: { [basename(file)]: sha256(bytes) },
  };
}

/**
 * Rows of a CSV text: decimal numbers, which may stand in quotes. The first line may hold titles instead.
 *
 * @throws InvalidFile naming file:line of a cell that is no such number or beyond float32, or of a row of another length
 */
export function parsePoints(text: string, file: string): number[][] {
  const rows: number[][] = [];
  let columns: number | undefined;
  for (const [k, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const wrong = (problem: string) => new InvalidFile(`${file}:${k + 1}`, problem);
    const cells = cellsOf(line);
    const isFirst = columns === undefined;
    columns ??= cells.length;
    if (cells.length !== columns) throw wrong(`${cells.length} columns, expected ${columns}`);
    if (isFirst && cells.every(isTitle)) continue;
    rows.push(
      cells.map((cell, column) => {
        const value = decimal(cell);
        if (value === undefined)
          throw wrong(`column ${column + 1} is no number: ${JSON.stringify(cut(cell))}`);
        if (!Number.isFinite(Math.fround(value)))
          throw wrong(`column ${column + 1} is beyond the range of float32: ${cell}`);
        return value;
      }),
    );
  }
  if (rows.length === 0) throw new InvalidFile(file, 'no points');
  return rows;
}

export const points: DatasetDefinition = {
  name: 'points',
  summary: 'rows of a CSV file of numbers, {points: FILE.csv}, drawn in file order',
  parameters: {},
  input: {
    placeholder: 'FILE.csv',
    read: (text, file) => ({ shape: [parsePoints(text, file)[0].length], classes: 0 }),
  },
  model: 'quadratic',
  batchSize: 1,
  load: ({ file }) => loadPoints(file!),
};
/** The cells of a line of CSV, without the quotes around them and the spaces around those. */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  const cells = line.match(/(?<=^|,)\s*("([^"]|"")*"\s*|[^,"]*)(?=,|$)/g) ?? [];
  if (cells.join().length !== line.length) return [line.trim()]; // a quote that does not end
  return cells.map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

/** Whether a cell names its column. What stands for a number, or for a missing one, does not. */
function isTitle(cell: string): boolean {
  return /^[^-+.\d]/.test(cell) && !/^(nan|na|n\/a|null|none|inf|infinity)$/i.test(cell);
}

function cut(cell: string): string {
  return cell.length > 40 ? `${cell.slice(0, 37)}...` : cell;
}
