import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../errors.js';
import type { Dataset } from './dataset.js';
import { InvalidFile, sha256 } from './files.js';

/**
 * Points from a CSV file: one point a line, an optional header line, the same number of columns throughout. Training
 * draws the rows in file order and wraps round; the test split is the same rows.
 */
export async function loadPoints(file: string): Promise<Dataset> {
  const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new UserError(`missing file: ${file} (dataset points)`);
  });
  const rows = parsePoints(content.toString('utf8'), file);
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
    checksums: { [basename(file)]: sha256(content) },
  };
}

/** Rows of a CSV text. UserError names file:line of a cell that is no finite number, or of a row of another length. */
export function parsePoints(text: string, file: string): number[][] {
  const rows: number[][] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [k, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const cells = line.split(',').map((cell) => cell.trim());
    const row = cells.map((cell) => (cell === '' ? NaN : Number(cell)));
    const wrong = row.findIndex((value) => !Number.isFinite(value));
    const isHeader = k === 0 && row.every(Number.isNaN);
    if (isHeader) continue;
    if (wrong >= 0)
      throw new InvalidFile(`${file}:${k + 1}`, `column ${wrong + 1} is no number: "${cells[wrong]}"`);
    if (rows.length > 0 && row.length !== rows[0].length) {
      throw new InvalidFile(`${file}:${k + 1}`, `${row.length} columns, expected ${rows[0].length}`);
    }
    rows.push(row);
  }
  if (rows.length === 0) throw new InvalidFile(file, 'no points');
  return rows;
}
