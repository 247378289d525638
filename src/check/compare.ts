import { foremost, groupBy, tellingApart } from '../report/series.js';
import { axis, axisPaths, axisValues, type AxisValue } from '../results/axes.js';
import type { StudyRun } from '../results/study.js';
import { UserError } from '../errors.js';
import { cellsOf, divergedSeeds, valuesOf, type Cell, type SummaryRow } from './cells.js';
import { compareMeans, significance, type Welch } from './welch.js';

/**
 * What became of a cell from A to B: the very same numbers, seed by seed; more than noise; no more than noise; nothing
 * that can be told from one seed; runs that diverged.
 */
export type Change = 'equal' | 'higher' | 'lower' | 'noise' | 'one seed' | 'diverged';

/** A cell of A beside the same cell of B. */
export interface CellPair {
  label: string;
  a: Cell;
  b: Cell;
  /** By seed; those of runs that diverged are left out. */
  values: { a: number[]; b: number[] };
  /** Mean of B minus mean of A; absent if runs diverged. */
  difference?: number;
  welch?: Welch;
  change: Change;
}

export interface StudyComparison {
  row: SummaryRow;
  column: string;
  /** In the order of A. */
  pairs: CellPair[];
  onlyA: Cell[];
  onlyB: Cell[];
  /** What all of A has otherwise than all of B, among the cells that were paired. */
  differing: { path: string; a: AxisValue; b: AxisValue }[];
}

/**
 * Two studies, cell by cell. Cells of equal hash are the same experiment. The others are paired by the keys that tell
 * the cells of either study apart, so that studies can be compared that differ in a key throughout.
 */
export function compareStudies(
  runsA: readonly StudyRun[],
  runsB: readonly StudyRun[],
  { row, column }: { row: SummaryRow; column: string },
): StudyComparison {
  const [cellsA, cellsB] = [cellsOf(runsA), cellsOf(runsB)];
  const partners = pair(cellsA, cellsB);
  const pairs = cellsA.flatMap((a) => {
    const b = partners.get(a);
    return b ? [comparePair(a, b, row, column)] : [];
  });
  const paired = new Set(partners.values());
  return {
    row,
    column,
    pairs,
    onlyA: cellsA.filter((cell) => !partners.has(cell)),
    onlyB: cellsB.filter((cell) => !paired.has(cell)),
    differing: differingThroughout(pairs),
  };
}

function pair(cellsA: readonly Cell[], cellsB: readonly Cell[]): Map<Cell, Cell> {
  const byHash = new Map(cellsB.map((cell) => [cell.hash, cell]));
  const partners = new Map<Cell, Cell>();
  for (const cell of cellsA) {
    const same = byHash.get(cell.hash);
    if (same) partners.set(cell, same);
  }
  const paired = new Set(partners.values());
  const restA = cellsA.filter((cell) => !partners.has(cell));
  const restB = cellsB.filter((cell) => !paired.has(cell));
  if (restA.length === 0 || restB.length === 0) return partners;

  const telling = tellingWithin(restA, restB);
  const keyOf = ({ axes }: Cell) => JSON.stringify(telling.map((path) => axes.get(path) ?? null));
  const [groupsA, groupsB] = [groupBy(restA, keyOf), groupBy(restB, keyOf)];
  for (const [key, [a, ...moreA]] of groupsA) {
    const [b, ...moreB] = groupsB.get(key) ?? [];
    if (b && moreA.length === 0 && moreB.length === 0) partners.set(a, b);
  }
  return partners;
}

/** The keys that tell cells of the same study apart. */
function tellingWithin(cellsA: readonly Cell[], cellsB: readonly Cell[]): string[] {
  const study = ' study'; // no key of a config has a space
  const marked = (cells: readonly Cell[], name: string) =>
    cells.map(({ axes }) => ({ axes: new Map([...axes, [study, name] as const]) }));
  const all = [...marked(cellsA, 'A'), ...marked(cellsB, 'B')];
  const candidates = [...new Set([...foremost, ...axisPaths([...cellsA, ...cellsB])])];
  return tellingApart(
    all,
    [study],
    candidates.filter((path) => path !== axis.hash),
  );
}

function comparePair(a: Cell, b: Cell, row: SummaryRow, column: string): CellPair {
  const diverged = [divergedSeeds(a), divergedSeeds(b)];
  const finished = (cell: Cell) => ({
    ...cell,
    runs: cell.runs.filter(({ summary }) => summary.status === 'done'),
  });
  const values = { a: valuesOf(finished(a), row, column), b: valuesOf(finished(b), row, column) };
  const common = { label: a.label, a, b, values };
  if (diverged.some((seeds) => seeds.length > 0)) return { ...common, change: 'diverged' };
  const { difference, welch } = compareMeans(values.b, values.a);
  return { ...common, difference, welch, change: changeOf(common, difference, welch) };
}

function changeOf(
  { a, b, values }: Pick<CellPair, 'a' | 'b' | 'values'>,
  difference: number,
  welch: Welch | undefined,
): Change {
  const seeds = ({ runs }: Cell) => runs.map(({ seed }) => seed).join();
  if (seeds(a) === seeds(b) && values.a.every((value, k) => value === values.b[k])) return 'equal';
  if (!welch) return 'one seed';
  if (welch.p >= significance) return 'noise';
  return difference > 0 ? 'higher' : 'lower';
}

function differingThroughout(pairs: readonly CellPair[]): StudyComparison['differing'] {
  const [as, bs] = [pairs.map(({ a }) => a), pairs.map(({ b }) => b)];
  return axisPaths([...as, ...bs])
    .filter((path) => path !== axis.hash)
    .flatMap((path) => {
      const [inA, inB] = [axisValues(as, path), axisValues(bs, path)];
      const throughout = inA.length === 1 && inB.length === 1 && inA[0] !== inB[0];
      return throughout ? [{ path, a: inA[0], b: inB[0] }] : [];
    });
}

/** How many of these comparisons would find a difference by chance, if there were none. */
export function expectedByChance(pairs: readonly CellPair[]): { tested: number; expected: number } {
  const tested = pairs.filter(({ change }) => ['higher', 'lower', 'noise'].includes(change)).length;
  return { tested, expected: tested * significance };
}

/** `test_accuracy`, `final.test_loss`, `best.test_accuracy` as a row and a column. Default: accuracy, or else loss. */
export function parseQuantity(
  text: string | undefined,
  runs: readonly StudyRun[],
): { row: SummaryRow; column: string } {
  const has = (column: string) => runs.every(({ summary }) => typeof summary.final[column] === 'number');
  if (text === undefined)
    return { row: 'final', column: has('test_accuracy') ? 'test_accuracy' : 'test_loss' };
  const [, row = 'final', column] = /^(?:(final|best)\.)?(\w+)$/.exec(text) ?? [];
  const known = [...new Set(runs.flatMap(({ columns }) => columns))];
  if (column !== undefined && known.includes(column)) return { row: row as SummaryRow, column };
  throw new UserError(`unknown y: ${text} (choose from ${known.join(', ')}, of the final row or best.…)`);
}
