import { percent, short } from '../base/format.js';
import type { Progress } from '../data/files.js';
import { resultOf, type MetricsRow } from '../simulation/columns.js';

/** Told what is going on in a run. */
export interface Reporter {
  /** A line for the record: which engine, which data. */
  note: (text: string) => void;
  /** Starts the progress of one run of so many steps, which is a "round" or the like; `made`: before. */
  begin: (label: string, steps: number, unit: string, made: number) => void;
  /** After each step. */
  update: (step: number) => void;
  /** After each evaluation. */
  evaluated: (row: MetricsRow) => void;
  /** A download or another preparation goes on. */
  progress: (progress: Progress) => void;
  /** The run is over, in whatever way. */
  end: () => void;
}

/** "accuracy 97.10 %", or the loss where there are no classes. */
export function describeResult(row: MetricsRow): string {
  const { column, value } = resultOf(row);
  const name = column.name.replace('test_', '');
  return `${name} ${column.fraction ? percent(value) : short(value)}`;
}
