import { basename } from 'node:path';
import type { Dataset, DatasetDefinition } from './dataset.js';
import { maxTableBytes, requireText } from '../base/text-file.js';
import { csvLines, isTitle, numberIn } from './csv.js';
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
  const lines = csvLines(text, file);
  const isTitled = lines.length > 0 && lines[0].cells.every(isTitle);
  const rows = (isTitled ? lines.slice(1) : lines).map(({ line, cells }) =>
    cells.map((cell, column) => numberIn(cell, `${file}:${line}`, column)),
  );
  if (rows.length === 0) throw new InvalidFile(file, 'no points');
  return rows;
}

export const points: DatasetDefinition = {
  name: 'points',
  summary: 'rows of a CSV file of numbers, drawn in file order',
  parameters: {},
  input: {
    placeholder: 'FILE.csv',
    written: '{points: FILE.csv}',
    async examine({ file }) {
      const { text } = await requireText('points', file!, maxTableBytes);
      return { input: { shape: [parsePoints(text, file!)[0].length], classes: 0 } };
    },
  },
  model: 'quadratic',
  batchSize: 1,
  load: ({ file }) => loadPoints(file!),
};
