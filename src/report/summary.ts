import { spread, type Spread } from '../base/statistics/spread.js';
import { axis, naturally } from '../config/axes.js';
import type { StudyRun } from '../study/study-run.js';
import type { Column, MetricsRow } from '../simulation/columns.js';
import { type Arrangement, type Series } from './series.js';
import { groupBy } from '../study/grouping.js';
import { valueOf } from '../study/quantity.js';
import type { Quantity } from '../thresholds/quantity.js';

/** Where a curve passes: mean and sample deviation (n - 1) over seeds, in the unit of metrics.csv. */
export interface CurvePoint extends Spread {
  panel: string;
  series: Series;
  /** Mean over seeds too: the time of an evaluation differs from seed to seed. */
  x: number;
  /** How many evaluations before it no seed has a value of: a curve has a gap where this changes. */
  segment: number;
}

/**
 * The curves of column `y` over column `x`, by panel, series and update. Evaluations at the same update belong together.
 * Values that are not finite are left out; a point that no seed has is left out.
 */
export function summarizeCurves(
  runs: readonly StudyRun[],
  { panels, series, panelOf, seriesOf }: Arrangement,
  columns: { x: string; y: string },
): CurvePoint[] {
  const cells = groupBy(runs, (run) => `${panels.indexOf(panelOf(run))} ${series.indexOf(seriesOf(run))}`);
  return panels.flatMap((panel, p) =>
    series.flatMap((line, s) => {
      const rows = (cells.get(`${p} ${s}`) ?? []).flatMap((run) => run.rows);
      return summarizeCurve(rows, columns).map((point) => ({ panel, series: line, ...point }));
    }),
  );
}

function summarizeCurve(rows: readonly MetricsRow[], { x, y }: { x: string; y: string }) {
  const inOrder = [...rows].sort((a, b) => a.update! - b.update!);
  let gaps = 0;
  const points = [...groupBy(inOrder, ({ update }) => update).values()].flatMap((group) => {
    const measured = group.filter((row) => Number.isFinite(row[y]) && Number.isFinite(row[x]));
    const point = measured.length > 0 && {
      segment: gaps,
      x: spread(measured.map((row) => row[x]!)).mean,
      ...finite(spread(measured.map((row) => row[y]!))),
    };
    if (point && Number.isFinite(point.mean)) return [point];
    gaps++;
    return [];
  });
  return points.sort((a, b) => a.x - b.x);
}

/** Squares of huge numbers overflow: then there is no deviation. */
function finite(one: Spread): Spread {
  return Number.isFinite(one.deviation) ? one : { ...one, deviation: undefined };
}

/** A cell of a heatmap or a table: the spread over seeds of one value a run. */
export interface SummaryCell extends Spread {
  /** Infinity where a seed never reaches the target. */
  mean: number;
  panel: string;
  series: Series;
  /** Under which attack. */
  attack: string;
  /** How many seeds never reach the target, where there is one and some do not. */
  never?: number;
}

/** Final values, or the time to a target, by panel (a column of the heatmap), series (a row) and attack. */
export function summarizeQuantity(
  runs: readonly StudyRun[],
  arrangement: Arrangement,
  quantity: Quantity,
): SummaryCell[] {
  return summarizeCells(runs, arrangement, (run) => valueOf(run, quantity));
}

/** Values of runs by panel, series and attack: Infinity for never. Runs that have none are left out. */
export function summarizeCells(
  runs: readonly StudyRun[],
  { panels, series, panelOf, seriesOf }: Arrangement,
  of: (run: StudyRun) => number | undefined,
): SummaryCell[] {
  return panels.flatMap((panel) =>
    series.flatMap((row) => {
      const inCell = runs.filter((run) => panelOf(run) === panel && seriesOf(run) === row);
      const inOrderOfAttacks = [...inCell].sort((a, b) =>
        naturally(a.axes.get(axis.attack), b.axes.get(axis.attack)),
      );
      return [...groupBy(inOrderOfAttacks, ({ axes }) => String(axes.get(axis.attack)))].flatMap(
        ([attack, group]) => {
          const values = group.map(of).filter((value) => value !== undefined);
          return values.length === 0 ? [] : [{ panel, series: row, attack, ...spreadOf(values) }];
        },
      );
    }),
  );
}

/** There is no mean of times some of which never come. */
function spreadOf(values: readonly number[]): Spread & Pick<SummaryCell, 'never'> {
  const never = values.filter((value) => value === Infinity).length;
  if (never === 0) return spread(values);
  return { mean: Infinity, deviation: undefined, seeds: values.length, never };
}

/** "never", or "1 of 3 never": of a cell some of whose seeds never reach the target. */
export function describeNever({ never, seeds }: SummaryCell): string {
  return never === seeds ? 'never' : `${never} of ${seeds} never`;
}

/**
 * For each series the worst of its cells: the least where greater is better, else the greatest; of equal ones that of the
 * first attack by name. Without the series that lack a cell for one of `attacks`.
 */
export function worstCells(
  cells: readonly SummaryCell[],
  series: readonly Series[],
  attacks: readonly string[],
  { better }: Column,
): SummaryCell[] {
  const sign = better === 'greater' ? 1 : -1;
  const isWorse = (a: SummaryCell, b: SummaryCell) =>
    a.mean === b.mean ? (a.never ?? 0) > (b.never ?? 0) : sign * a.mean < sign * b.mean;
  return series.flatMap((row) => {
    const own = cells.filter((cell) => cell.series === row);
    if (!attacks.every((attack) => own.some((cell) => cell.attack === attack))) return [];
    return own.reduce((worst, cell) => (isWorse(cell, worst) ? cell : worst));
  });
}
