import { decimal } from '../base/decimal.js';
import { show } from '../base/describe.js';
import type { Column, MetricsRow } from '../simulation/columns.js';

/** When a run first reached a value of a column: the least accuracy, the greatest loss. */
export interface Target {
  column: string;
  value: number;
  /** Which values of the column are better: those count as reaching it. */
  better: NonNullable<Column['better']>;
}

/** A number that a run has: a column of its last, its best, or the first row that reaches a target. */
export type Quantity =
  { row: 'final' | 'best'; column: string } | { row: 'first'; column: string; target: Target };

/** The columns that say when something was, by the words of quantities: "time to test_accuracy 0.95". */
const clocks: Readonly<Record<string, string>> = { updates: 'update', time: 'time', epochs: 'epoch' };

/** Quantities as they are written, with a number still to come where there is a target. */
export function quantitiesOf(columns: readonly Column[]): string[] {
  return columns.flatMap(({ name }) => [`final.${name}`, `best.${name}`]);
}

/** As a regular expression over the names of columns that can be reached: "time to test_accuracy ". */
export function targetPattern(columns: readonly Column[]): string {
  const names = columns.filter(({ better }) => better).map(({ name }) => name);
  return `(${Object.keys(clocks).join('|')}) to (${names.join('|')}) `;
}

/** `final.test_loss`, `best.test_accuracy`, `time to test_accuracy 0.95`; nothing for other words. */
export function parseQuantity(text: string, columns: readonly Column[]): Quantity | undefined {
  const named = (name: string) => columns.find((column) => column.name === name);
  const [, row, name] = /^(final|best)\.(\w+)$/.exec(text) ?? [];
  if (row !== undefined) return named(name) && { row: row as 'final' | 'best', column: name };
  const [, clock, column, number] = /^(\w+) to (\w+) (\S+)$/.exec(text.trim().replaceAll(/\s+/g, ' ')) ?? [];
  if (clock === undefined || !Object.hasOwn(clocks, clock)) return undefined;
  const better = named(column)?.better;
  const value = decimal(number);
  if (better === undefined || value === undefined) return undefined;
  return { row: 'first', column: clocks[clock], target: { column, value, better } };
}

/** A target that is no value of its column; nothing where it may be reached. */
export function targetProblem(quantity: Quantity, columns: readonly Column[]): string | undefined {
  if (quantity.row !== 'first') return undefined;
  const { column, value } = quantity.target;
  const fraction = columns.find(({ name }) => name === column)?.fraction;
  if (!fraction || (value >= 0 && value <= 1)) return undefined;
  return `invalid quantity: ${show(writeQuantity(quantity))} (${column} is a fraction: expected 0 to 1, such as 0.95)`;
}

/** `final.test_accuracy`, `time to test_accuracy 0.95` */
export function writeQuantity(quantity: Quantity): string {
  if (quantity.row !== 'first') return `${quantity.row}.${quantity.column}`;
  const { column, target } = quantity;
  const clock = Object.keys(clocks).find((word) => clocks[word] === column)!;
  return `${clock} to ${target.column} ${target.value}`;
}

/** The first of some rows, which are in order, that reaches a target; nothing if none does. */
export function firstReaching(rows: readonly MetricsRow[], { column, value, better }: Target) {
  return rows.find((row) => {
    const reached = row[column];
    return reached !== undefined && (better === 'greater' ? reached >= value : reached <= value);
  });
}
