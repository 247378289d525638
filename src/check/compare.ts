import { foremost, tellingApart } from '../study/grouping.js';
import { axis, axisPaths, axisValues, type AxisValue } from '../config/axes.js';
import type { Labels } from '../study/labels.js';
import type { StudyRun } from '../study/study-run.js';
import { UserError } from '../base/errors.js';
import { cellsOf, endedEarly, valuesOf, type Cell } from './cells.js';
import { compareMeans, pWithin, significance, type Welch } from '../base/statistics/welch.js';

/**
 * What became of a cell from A to B: the very same numbers, seed by seed; shown to differ by less than asked for; more
 * than noise; no more than noise; nothing that can be told from one seed; runs that ended early.
 */
export type Change = 'equal' | 'alike' | 'higher' | 'lower' | 'noise' | 'one seed' | 'ended early';

/** A cell of A beside the same cell of B. */
export interface CellPair {
  label: string;
  a: Cell;
  b: Cell;
  /** By seed; those of runs that ended early are left out. */
  values: { a: number[]; b: number[] };
  /** Mean of B minus mean of A; absent if runs ended early. */
  difference?: number;
  welch?: Welch;
  /** Of the test whether they differ by less than `within`. */
  pWithin?: number;
  change: Change;
}

/** What is compared, and how great a difference is still called alike, in the unit of the column; above 0. */
export interface ComparisonOptions {
  row: 'final' | 'best';
  column: string;
  within?: number;
}

export interface StudyComparison extends ComparisonOptions {
  /** In the order of A. */
  pairs: CellPair[];
  onlyA: Cell[];
  onlyB: Cell[];
  /** What all of A has otherwise than all of B, among the cells that were paired. */
  differing: { path: string; a: AxisValue; b: AxisValue }[];
}

/**
 * Two studies, cell by cell. Cells of equal hash are the same experiment, and so are cells that agree in every key that
 * both have: one version may know a key that the other does not. If no cells are, the studies differ in a key
 * throughout, and cells are paired by the keys that tell the cells of either study apart.
 */
export function compareStudies(
  runsA: readonly StudyRun[],
  runsB: readonly StudyRun[],
  options: ComparisonOptions,
  labels: Labels,
): StudyComparison {
  const [cellsA, cellsB] = [cellsOf(runsA, labels), cellsOf(runsB, labels)];
  const partners = pair(cellsA, cellsB);
  const pairs = cellsA.flatMap((a) => {
    const b = partners.get(a);
    return b ? [comparePair(a, b, options)] : [];
  });
  const paired = new Set(partners.values());
  return {
    ...options,
    pairs,
    onlyA: cellsA.filter((cell) => !partners.has(cell)),
    onlyB: cellsB.filter((cell) => !paired.has(cell)),
    differing: differingThroughout(pairs),
  };
}

function pair(cellsA: readonly Cell[], cellsB: readonly Cell[]): Map<Cell, Cell> {
  const partners = new Map<Cell, Cell>();
  const taken = new Set<Cell>();
  const join = (areAlike: (a: Cell, b: Cell) => boolean) => {
    const [as, bs] = [cellsA.filter((a) => !partners.has(a)), cellsB.filter((b) => !taken.has(b))];
    for (const a of as) {
      const like = bs.filter((b) => areAlike(a, b));
      // A cell with two of its like is not compared: there is no telling with which.
      if (like.length !== 1 || as.filter((other) => areAlike(other, like[0])).length !== 1) continue;
      partners.set(a, like[0]);
      taken.add(like[0]);
    }
  };
  join((a, b) => a.hash === b.hash);
  join(agree);
  if (partners.size === 0) {
    const telling = tellingWithin(cellsA, cellsB);
    join((a, b) => telling.every((path) => a.axes.get(path) === b.axes.get(path)));
  }
  return partners;
}

/** Whether two cells have the same value of every key that both have. */
function agree(a: Cell, b: Cell): boolean {
  return [...a.axes].every(
    ([path, value]) => path === axis.hash || !b.axes.has(path) || b.axes.get(path) === value,
  );
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

function comparePair(a: Cell, b: Cell, { row, column, within }: ComparisonOptions): CellPair {
  const early = [endedEarly(a), endedEarly(b)];
  const finished = (cell: Cell) => ({
    ...cell,
    runs: cell.runs.filter(({ summary }) => summary.status === 'done'),
  });
  const values = { a: valuesOf(finished(a), { row, column }), b: valuesOf(finished(b), { row, column }) };
  const label = a.label === b.label ? a.label : `${a.label} | ${b.label}`;
  const common = { label, a, b, values };
  if (early.some((runs) => runs.length > 0)) return { ...common, change: 'ended early' };
  const { difference, welch } = compareMeans(values.b, values.a);
  const tested = {
    ...common,
    difference,
    welch,
    ...(welch && within !== undefined && { pWithin: pWithin({ difference, welch }, within) }),
  };
  return { ...tested, change: changeOf(tested) };
}

function changeOf({
  a,
  b,
  values,
  difference,
  welch,
  pWithin,
}: Omit<CellPair, 'change'> & { difference: number }): Change {
  const seeds = ({ runs }: Cell) => runs.map(({ seed }) => seed).join();
  if (seeds(a) === seeds(b) && values.a.every((value, k) => value === values.b[k])) return 'equal';
  if (!welch) return 'one seed';
  if (pWithin !== undefined && pWithin < significance) return 'alike';
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
  const tested = pairs.filter(({ change }) => ['alike', 'higher', 'lower', 'noise'].includes(change)).length;
  return { tested, expected: tested * significance };
}

/** `test_accuracy`, `final.test_loss`, `best.test_accuracy` as a row and a column. Default: accuracy, or else loss. */
export function parseQuantity(
  text: string | undefined,
  runs: readonly StudyRun[],
): { row: 'final' | 'best'; column: string } {
  const has = (column: string) => runs.every(({ summary }) => typeof summary.final[column] === 'number');
  if (text === undefined)
    return { row: 'final', column: has('test_accuracy') ? 'test_accuracy' : 'test_loss' };
  const [, row = 'final', column] = /^(?:(final|best)\.)?(\w+)$/.exec(text) ?? [];
  const known = [...new Set(runs.flatMap(({ columns }) => columns))];
  if (column !== undefined && known.includes(column)) return { row: row as 'final' | 'best', column };
  throw new UserError(`unknown y: ${text} (choose from ${known.join(', ')}, of the final row or best.…)`);
}
