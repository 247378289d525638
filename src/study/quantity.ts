import { firstReaching, type Quantity } from '../thresholds/quantity.js';
import type { StudyRun } from './study-run.js';

/**
 * A quantity of a run; nothing where it has none, such as an accuracy without classes. Infinity for the time to a target
 * that it never reached.
 */
export function valueOf({ summary, rows }: StudyRun, quantity: Quantity): number | undefined {
  if (quantity.row === 'first') {
    const { column, target } = quantity;
    if (rows.every((row) => row[target.column] === undefined)) return undefined;
    const first = firstReaching(rows, target);
    return first ? first[column] : Infinity;
  }
  const row = quantity.row === 'best' ? summary.best : (rows.at(-1) ?? {});
  const value: unknown = row[quantity.column];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
