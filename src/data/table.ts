import { z } from 'zod';
import { randomStream, shuffle } from '../base/random.js';
import type { Issue } from '../base/issues.js';
import { maxTableBytes, requireText } from '../base/text-file.js';
import type { Dataset, DatasetConfig, DatasetDefinition, Examined, Split } from './dataset.js';
import { InvalidFile, sha256 } from './files.js';
import {
  classesOf,
  classLabels,
  numericLabels,
  parseTable,
  taskOf,
  type Table,
  type Task,
} from './table-file.js';
import { userFileNames } from './user-files.js';

const parameters = {
  label: z
    .union([z.string().min(1), z.int().min(1)])
    .describe('the column of labels: its title, or its number from 1'),
  test: z
    .union([z.number().gt(0).lt(1), z.string().min(1)])
    .default(0.2)
    .describe('the part of the rows that is kept for tests, or a file with others'),
  task: z
    .enum(['classification', 'regression'])
    .optional()
    .describe('what labels are: classes, or numbers to be predicted (default: numbers if not all are whole)'),
};

type TableConfig = DatasetConfig & {
  file: string;
  label: string | number;
  test: number | string;
  task?: Task;
};

/** What the files of a config hold. */
interface Tables {
  train: Table;
  /** Absent: a part of the rows of `train`. */
  test?: Table;
  /** SHA-256 of each file. */
  sums: string[];
}

async function readTables({ file, label, test }: TableConfig): Promise<Tables | { issue: Issue }> {
  const sums: string[] = [];
  const read = async (noun: string, path: string) => {
    const { text, bytes } = await requireText(noun, path, maxTableBytes);
    sums.push(sha256(bytes));
    return parseTable(text, path, label);
  };
  const train = await read('table', file);
  if ('issue' in train) return train;
  if (typeof test === 'number') return { train: train.table, sums };
  if (test === file) {
    const message = 'invalid test: it is the table itself (expected another file, or the part of its rows)';
    return { issue: { path: ['test'], message } };
  }
  const other = await read('test', test);
  if ('issue' in other) return other;
  holdColumns(other.table, train.table);
  return { train: train.table, test: other.table, sums };
}

/** @throws InvalidFile where the columns of a table are not those of another */
function holdColumns(table: Table, other: Table): void {
  const columns = ({ titles, lines }: Table) => titles?.join(', ') ?? `${lines[0].cells.length}`;
  if (columns(table) !== columns(other))
    throw new InvalidFile(
      table.file,
      `its columns are ${columns(table)}, those of ${other.file} are ${columns(other)}`,
    );
}

/** Labels of both files by the task, how many classes there are, 0 for numbers, and what they are called. */
function labelsOf({ train, test }: Tables, task: Task) {
  if (task === 'regression')
    return { classes: 0, names: undefined, train: numericLabels(train), test: test && numericLabels(test) };
  const classes = classesOf(train);
  return {
    classes: classes.length,
    names: classes.map(String),
    train: classLabels(train, classes),
    test: test && classLabels(test, classes),
  };
}

async function examine(config: DatasetConfig): Promise<Examined | { issue: Issue }> {
  const tables = await readTables(config as TableConfig);
  if ('issue' in tables) return tables;
  const task = (config as TableConfig).task ?? taskOf(tables.train);
  const { train, test } = tables;
  if (!test && train.lines.length < 2)
    throw new InvalidFile(train.file, 'one row only: none is left for tests');
  const { classes, train: labels } = labelsOf(tables, task);
  if (!test && task === 'classification' && new Set(labels).size === labels.length)
    throw new InvalidFile(train.file, 'one row of each class only: none is left for tests');
  const shape = [train.features[0].length];
  return { input: { shape, classes, ...(classes === 0 && { numeric: true }) }, decided: { task } };
}

/** Loads a table into shared memory: standardised, and split if the test rows are not in a file of their own. */
export async function loadTable(config: TableConfig): Promise<Dataset> {
  const tables = await readTables(config);
  if ('issue' in tables) throw new InvalidFile(config.file, tables.issue.message);
  const { train, test, sums } = tables;
  const labels = labelsOf(tables, config.task!);
  const rows = train.features.map((features, k) => ({ features, label: labels.train[k] }));
  const [kept, held] = test
    ? [rows, test.features.map((features, k) => ({ features, label: labels.test![k] }))]
    : splitRows(rows, config.test as number, labels.classes > 0);
  const numeric = labels.classes === 0;
  const scales = kept[0].features.map((_, column) => scaleOf(kept.map(({ features }) => features[column])));
  const labelScale = numeric ? scaleOf(kept.map(({ label }) => label)) : undefined;
  const made = (chosen: readonly Row[]): Split => {
    const inputs = sharedFloats(chosen.length * scales.length);
    chosen.forEach(({ features }, k) =>
      inputs.set(
        features.map((x, j) => scales[j](x)),
        k * scales.length,
      ),
    );
    const given = chosen.map(({ label }) => labelScale?.(label) ?? label);
    const own = numeric ? sharedFloats(given.length) : new Uint8Array(new SharedArrayBuffer(given.length));
    own.set(given);
    return { count: chosen.length, inputs, labels: own };
  };
  const names = userFileNames(config);
  return {
    name: 'table',
    shape: [scales.length],
    classes: labels.classes,
    ...(numeric && { numeric }),
    classNames: labels.names,
    train: made(kept),
    test: made(held),
    order: 'shuffled',
    checksums: Object.fromEntries(names.map((name, k) => [name, sums[k]])),
  };
}

interface Row {
  features: readonly number[];
  label: number;
}

/**
 * Training and test rows. Drawn from a stream that no seed of a run moves: all runs are tested on the same rows.
 *
 * @param areClasses whether labels are classes, each of which keeps a training row
 */
function splitRows(rows: readonly Row[], part: number, areClasses: boolean): [Row[], Row[]] {
  const order = [...rows.keys()];
  shuffle(order, randomStream(0, 'table/test'));
  const count = Math.min(Math.max(1, Math.round(part * rows.length)), rows.length - 1);
  const left = new Map<number, number>();
  for (const { label } of rows) left.set(label, (left.get(label) ?? 0) + 1);
  const held = new Set<number>();
  for (const k of order) {
    if (held.size === count) break;
    const { label } = rows[k];
    if (areClasses && left.get(label) === 1) continue;
    left.set(label, left.get(label)! - 1);
    held.add(k);
  }
  return [rows.filter((_, k) => !held.has(k)), rows.filter((_, k) => held.has(k))];
}

/** x -> (x - mean) / deviation of these values; where they are all the same, x - mean. */
function scaleOf(values: readonly number[]): (x: number) => number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  // The mean of equal numbers may be off by rounding, which is no deviation.
  return (x) => (x - mean) / (deviation > 1e-12 * Math.abs(mean) ? deviation : 1);
}

function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

export const table: DatasetDefinition = {
  name: 'table',
  summary: 'rows of a CSV file: numbers, and a column of labels that are classes or numbers to be predicted',
  parameters,
  input: { placeholder: 'FILE.csv', written: '{table: FILE.csv, label: COLUMN}', examine },
  model: 'mlp',
  batchSize: 16,
  load: (config) => loadTable(config as TableConfig),
};
