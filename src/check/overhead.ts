import { firstReaching } from '../thresholds/quantity.js';
import { digits } from './describe.js';
import { cellsOf, type Cell } from './cells.js';
import { numberTable } from '../base/table.js';
import { spread, type Spread } from '../base/statistics/spread.js';
import type { Labels } from '../study/labels.js';
import type { StudyRun } from '../study/study-run.js';

/** What it takes an experiment to get to a test accuracy. */
export interface Overhead {
  cell: Cell;
  /** Over the seeds that get there. */
  updates?: Spread;
  time?: Spread;
  /** How many seeds get there. */
  reaching: number;
  /** Against the first experiment, of the means: 0.32 is 32 % more. Absent where not every seed of both gets there. */
  moreUpdates?: number;
  moreTime?: number;
  /** Messages an update, where they are counted. */
  messages?: number;
}

/**
 * Updates and virtual time to the first evaluation with a test accuracy, of every experiment of some runs, beside the first one.
 * @param level of test accuracy, from 0 to 1
 */
export function overheads(runs: readonly StudyRun[], level: number, labels: Labels): Overhead[] {
  const all = cellsOf(runs, labels).map((cell): Overhead => {
    const target = { column: 'test_accuracy', value: level, better: 'greater' } as const;
    const reached = cell.runs
      .map(({ rows }) => firstReaching(rows, target))
      .filter((row) => row !== undefined);
    const perUpdate = cell.runs.flatMap(({ rows }) => {
      const { messages, update } = rows.at(-1) ?? {};
      return messages === undefined || !update ? [] : [messages / update];
    });
    return {
      cell,
      reaching: reached.length,
      ...(reached.length > 0 && {
        updates: spread(reached.map(({ update }) => update!)),
        time: spread(reached.map(({ time }) => time!)),
      }),
      ...(perUpdate.length > 0 && { messages: spread(perUpdate).mean }),
    };
  });
  const [first] = all;
  const allReach = ({ cell, reaching }: Overhead) => reaching === cell.runs.length;
  return all.map((each) => {
    if (!allReach(first) || !allReach(each)) return each;
    return {
      ...each,
      moreUpdates: each.updates!.mean / first.updates!.mean - 1,
      moreTime: each.time!.mean / first.time!.mean - 1,
    };
  });
}

/** A line an experiment. */
export function describeOverheads(all: readonly Overhead[], level: number): string {
  const share = (value: number | undefined) =>
    value === undefined ? '-' : `${value < 0 ? '' : '+'}${(100 * value).toFixed(0)} %`;
  const lines = all.map(({ cell, reaching, updates, time, moreUpdates, moreTime, messages }) => [
    cell.label,
    `${reaching} of ${cell.runs.length}`,
    updates ? withDeviation(updates) : '-',
    share(moreUpdates),
    time ? withDeviation(time) : '-',
    share(moreTime),
    messages === undefined ? '-' : digits(messages),
  ]);
  const titles = ['', 'seeds there', 'updates', 'more', 'virtual time', 'more', 'messages an update'];
  return `to ${100 * level} % test accuracy: mean ± deviation over seeds; more: than the first\n${numberTable([titles, ...lines])}`;
}

function withDeviation({ mean, deviation }: Spread): string {
  return deviation === undefined ? mean.toFixed(1) : `${mean.toFixed(1)} ± ${deviation.toFixed(1)}`;
}
