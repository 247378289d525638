import { stringify } from 'csv-stringify/sync';
import {
  compareStudies,
  expectedByChance,
  parseQuantity,
  type CellPair,
  type Change,
  type StudyComparison,
} from '../check/compare.js';
import type { Cell } from '../check/cells.js';
import { significance } from '../base/statistics/welch.js';
import { UserError } from '../base/errors.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { Labels } from '../study/labels.js';
import { spread } from '../base/statistics/spread.js';
import { readStudy, type Study } from '../study/study.js';
import { differentData, mixedData } from '../study/same-data.js';
import { short } from '../base/format.js';

export interface CompareFlags {
  json?: boolean;
  csv?: boolean;
  within?: number;
  failOnDifference?: boolean;
}

/**
 * Prints two studies beside each other, cell by cell. Exit status 0; with --fail-on-difference 1 where a cell differs by
 * more than noise (with --within: is not shown to differ by less) or ended early, 2 where a cell is in one study only or has
 * one seed, or a study lacks runs.
 */
export function compare(
  a: string,
  b: string,
  choices: readonly string[],
  flags: CompareFlags,
  catalogue: Catalogue,
): number {
  const labels = new Labels(catalogue);
  const y = readChoices(choices);
  const [studyA, studyB] = [readWithNotes(a), readWithNotes(b)];
  const [runsA, runsB] = [studyA.runs, studyB.runs];
  const quantity = parseQuantity(y, [...runsA, ...runsB]);
  if (flags.within !== undefined && flags.within > 1 && labels.column(quantity.column).fraction)
    throw new UserError(`invalid --within: ${flags.within} (${quantity.column} is a fraction: 0.01 is 1 %)`);
  const comparison = compareStudies(runsA, runsB, { ...quantity, within: flags.within }, labels);
  const { pairs, onlyA, onlyB } = comparison;
  if (pairs.length === 0)
    throw new UserError(`nothing to compare: no experiment of ${a} has its like in ${b}`);
  const paths = { a, b };
  if (flags.json)
    process.stdout.write(`${JSON.stringify(comparisonJson(comparison, paths), undefined, 2)}\n`);
  else if (flags.csv) process.stdout.write(comparisonCsv(comparison));
  else process.stdout.write(describeComparison(comparison, paths, labels));

  for (const note of differentData(pairs)) process.stderr.write(`byzsim: ${note}\n`);

  if (!flags.failOnDifference) return 0;
  if (!isWhole(studyA) || !isWhole(studyB)) return 2;
  if (onlyA.length + onlyB.length > 0 || pairs.some(({ change }) => change === 'one seed')) return 2;
  const passing: readonly Change[] = flags.within === undefined ? ['equal', 'noise'] : ['equal', 'alike'];
  return pairs.every(({ change }) => passing.includes(change)) ? 0 : 1;
}

function readChoices(choices: readonly string[]): string | undefined {
  let y: string | undefined;
  for (const choice of choices) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(choice) ?? [];
    if (name !== 'y')
      throw new UserError(`unknown choice: ${choice} (write y=test_loss; two folders are compared)`);
    y = value;
  }
  return y;
}

function readWithNotes(path: string): Study {
  const study = readStudy([path]);
  for (const note of study.notes) process.stderr.write(`byzsim: ${note}\n`);
  return study;
}

/** Whether every run is there and counts. */
function isWhole({ runs, unfinished, damaged, conflicts, missing }: Study): boolean {
  const lacking = unfinished.length + damaged.length + missing.length;
  return lacking + conflicts.length + mixedData(runs).length === 0;
}

const words: Readonly<Record<Change, string>> = {
  equal: 'equal',
  alike: 'alike',
  higher: 'B higher',
  lower: 'B lower',
  noise: 'noise',
  'one seed': 'one seed',
  'ended early': 'ended early',
};

/** Two lines a cell, no wider than a terminal: its label; A, B, difference, p, what became of it. */
function describeComparison(
  comparison: StudyComparison,
  paths: { a: string; b: string },
  labels: Labels,
): string {
  const { row, column, within, pairs, onlyA, onlyB, differing } = comparison;
  const { fraction } = labels.column(column);
  const scale = fraction ? (value: number) => (100 * value).toFixed(2) : short;
  const rows = pairs.map((pair) => numbers(pair, scale));
  const header = ['A', 'B', 'B - A', 'p', ''];
  const widths = header.map((title, k) => Math.max(title.length, ...rows.map((cells) => cells[k].length)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, k) => (k === 4 ? cell : cell.padStart(widths[k]))).join('  ')}`.trimEnd();
  const lines = [
    `${row} ${column}${fraction ? ' in %' : ''}: mean ± deviation (seeds); B - A ± its standard error`,
    `A ${paths.a}`,
    `B ${paths.b}`,
    ...differing.map(
      ({ path, a, b }) => `throughout ${path}: A ${String(a ?? 'none')}, B ${String(b ?? 'none')}`,
    ),
    '',
    line(header),
    ...pairs.flatMap((pair, k) => [pair.label, line(rows[k])]),
    '',
    ...describeCounts(pairs, within === undefined ? undefined : scale(within)),
    ...onlyIn('A', onlyA),
    ...onlyIn('B', onlyB),
  ];
  return `${lines.join('\n')}\n`;
}

function numbers(
  { values, difference, welch, change }: CellPair,
  scale: (value: number) => string,
): string[] {
  const sample = (list: readonly number[]) => {
    if (list.length === 0) return '-';
    const { mean, deviation } = spread(list);
    return `${scale(mean)}${deviation === undefined ? '' : ` ± ${scale(deviation)}`} (${list.length})`;
  };
  const signed = (value: number) => `${value > 0 ? '+' : ''}${scale(value)}`;
  const error = welch ? ` ± ${scale(welch.error)}` : '';
  return [
    sample(values.a),
    sample(values.b),
    difference === undefined ? '-' : `${signed(difference)}${error}`,
    welch ? (welch.p < 1e-4 ? '<1e-4' : String(Number(welch.p.toPrecision(2)))) : '-',
    words[change],
  ];
}

function describeCounts(pairs: readonly CellPair[], within: string | undefined): string[] {
  const counts = (Object.keys(words) as Change[])
    .map((change) => ({ change, count: pairs.filter((pair) => pair.change === change).length }))
    .filter(({ count }) => count > 0)
    .map(({ change, count }) => `${change === 'noise' ? 'no more than noise' : words[change]} in ${count}`);
  const { tested, expected } = expectedByChance(pairs);
  return [
    `${pairs.length} ${pairs.length === 1 ? 'cell' : 'cells'}: ${counts.join(', ')}`,
    ...(tested > 0
      ? [
          ...(within === undefined
            ? []
            : [
                `Alike: they differ by less than ${within}, Welch's t, p < ${significance} one-sided either way.`,
              ]),
          `Higher or lower: Welch's t, p < ${significance} two-sided, each cell on its own.`,
          `If nothing differed, ${short(expected)} of ${tested} such tests would come out so by chance.`,
        ]
      : []),
  ];
}

function onlyIn(name: string, cells: readonly Cell[]): string[] {
  return cells.map(
    ({ label, runs }) => `only in ${name}: ${label} (${runs.length} ${runs.length === 1 ? 'seed' : 'seeds'})`,
  );
}

function comparisonJson(
  { row, column, within, pairs, onlyA, onlyB, differing }: StudyComparison,
  paths: { a: string; b: string },
) {
  const cell = ({ label, hash, runs }: Cell) => ({ label, hash, seeds: runs.map(({ seed }) => seed) });
  return {
    ...paths,
    quantity: `${row}.${column}`,
    test: { name: "Welch's t", level: significance, sided: 2, within, ...expectedByChance(pairs) },
    differing,
    cells: pairs.map((pair) => ({
      label: pair.label,
      a: { ...cell(pair.a), values: pair.values.a, ...spreadOf(pair.values.a) },
      b: { ...cell(pair.b), values: pair.values.b, ...spreadOf(pair.values.b) },
      ...testOf(pair, within),
      change: pair.change,
    })),
    only_a: onlyA.map(cell),
    only_b: onlyB.map(cell),
  };
}

function spreadOf(values: readonly number[]): { mean?: number; deviation?: number } {
  if (values.length === 0) return {};
  const { mean, deviation } = spread(values);
  return { mean, deviation };
}

function testOf({ difference, welch, pWithin }: CellPair, within: number | undefined) {
  return {
    difference,
    standard_error: welch?.error,
    t: welch?.t,
    degrees: welch?.degrees,
    p: welch?.p,
    ...(within !== undefined && { p_within: pWithin }),
  };
}

/** A row a cell in full precision, those that are in one study only at the end. */
function comparisonCsv({ row, column, within, pairs, onlyA, onlyB }: StudyComparison): string {
  const quantity = `${row}.${column}`;
  const rows = pairs.map((pair) => ({
    cell: pair.label,
    quantity,
    hash_a: pair.a.hash,
    hash_b: pair.b.hash,
    seeds_a: pair.values.a.length,
    mean_a: spreadOf(pair.values.a).mean,
    deviation_a: spreadOf(pair.values.a).deviation,
    seeds_b: pair.values.b.length,
    mean_b: spreadOf(pair.values.b).mean,
    deviation_b: spreadOf(pair.values.b).deviation,
    ...testOf(pair, within),
    change: pair.change as string,
  }));
  const columns = Object.keys(rows[0]);
  const only = (cells: readonly Cell[], name: 'a' | 'b') =>
    cells.map((cell) => ({
      cell: cell.label,
      quantity,
      [`hash_${name}`]: cell.hash,
      [`seeds_${name}`]: cell.runs.length,
      change: `only in ${name.toUpperCase()}`,
    }));
  return stringify([...rows, ...only(onlyA, 'a'), ...only(onlyB, 'b')], {
    header: true,
    columns,
    cast: { number: String },
  });
}
