import type { MetricsRow } from '../simulation/columns.js';
import type { RunSummary } from '../results/run-folder.js';

/** What two results of one run are compared by. */
interface Result {
  summary: Pick<RunSummary, 'status'>;
  columns: readonly string[];
  rows: readonly MetricsRow[];
}

/**
 * How a result differs from another one of the same config and seed, which another engine, version or data may have
 * given: "test_loss at update 150 is 0.31 here, 0.32 there". Nothing where all that both have is equal.
 */
export function differenceOf(here: Result, there: Result): string | undefined {
  if (here.summary.status !== there.summary.status)
    return `it is ${here.summary.status} here, ${there.summary.status} there`;
  if (here.rows.length !== there.rows.length)
    return `metrics.csv has ${here.rows.length} rows here, ${there.rows.length} there`;
  const columns = here.columns.filter((column) => there.columns.includes(column));
  for (const [k, row] of here.rows.entries()) {
    const other = there.rows[k];
    const column = columns.find((name) => !Object.is(row[name], other[name]));
    if (column !== undefined)
      return `${column} at update ${row.update} is ${row[column] ?? 'empty'} here, ${other[column] ?? 'empty'} there`;
  }
  return undefined;
}
