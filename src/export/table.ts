import { stringify } from 'csv-stringify/sync';
import type { Spread } from '../base/statistics/spread.js';
import { axis, axisValues } from '../config/axes.js';
import { summarizeSeeds } from '../results/seeds.js';
import { foremost, groupBy, tellingApart } from '../study/grouping.js';
import { axisTitle, type Labels } from '../study/labels.js';
import type { StudyRun } from '../study/study-run.js';

/** One experiment: its values of the axes that differ, and its final and best rows over its seeds. */
export interface TableRow {
  name: string;
  hash: string;
  axes: Record<string, string | number | boolean | undefined>;
  seeds: number[];
  /** Those of them that ended early: their final row is the last that they have. */
  ended_early: number[];
  final: Record<string, Spread>;
  best: Record<string, Spread>;
}

/**
 * The experiments of some runs, in the order of the runs.
 * @param which axes: all that differ, or no more than tell the experiments apart
 */
export function tableOf(runs: readonly StudyRun[], which: 'all' | 'telling'): TableRow[] {
  const all = [...new Set(runs.flatMap(({ axes }) => [...axes.keys()]))];
  const others = all.filter((path) => !foremost.includes(path) && path !== axis.hash);
  const paths = [...foremost, ...others];
  const axes =
    which === 'all'
      ? paths.filter((path) => axisValues(runs, path).length > 1)
      : tellingApart(runs, [], paths);
  return [...groupBy(runs, ({ hash }) => hash).values()].map((own) => {
    const { name, final, best } = summarizeSeeds(own.map(({ summary }) => summary));
    const values = axes.map((path) => [path, own[0].axes.get(path)] as const);
    const seeds = own.map(({ seed }) => seed);
    const early = own.filter(({ summary }) => summary.status !== 'done').map(({ seed }) => seed);
    const { hash } = own[0];
    return { name, hash, axes: Object.fromEntries(values), seeds, ended_early: early, final, best };
  });
}

/** CSV: a row an experiment: how many seeds, and how many of them ended early; of every column of metrics.csv mean and sample deviation of the last and of the best row. */
export function csvOf(rows: readonly TableRow[]): string {
  const axes = Object.keys(rows[0].axes);
  const columns = [...new Set(rows.flatMap(({ final }) => Object.keys(final)))];
  const kinds = ['final', 'best'] as const;
  const header = kinds.flatMap((kind) =>
    columns.flatMap((column) => [`${kind}_${column}_mean`, `${kind}_${column}_deviation`]),
  );
  const cells = rows.map((row) => [
    row.name,
    row.hash,
    ...axes.map((axis) => String(row.axes[axis] ?? '')),
    row.seeds.length,
    row.ended_early.length,
    ...kinds.flatMap((kind) =>
      columns.flatMap((column) => [row[kind][column]?.mean, row[kind][column]?.deviation]),
    ),
  ]);
  return stringify([['name', 'hash', ...axes, 'seeds', 'ended_early', ...header], ...cells]);
}

/**
 * A booktabs table of the final result, mean ± sample deviation over seeds, accuracies in percent; † marks experiments of
 * which a seed ended early.
 */
export function latexOf(rows: readonly TableRow[], labels: Labels): string {
  const axes = Object.keys(rows[0].axes);
  const column = rows.some(({ final }) => final.test_accuracy) ? 'test_accuracy' : 'test_loss';
  const { title = column.replaceAll('_', ' '), fraction } = labels.column(column);
  const head = [...axes.map(axisTitle), 'seeds', `${title}${fraction ? ' (%)' : ''}`].map(escapeLatex);
  const body = rows.map(({ axes: values, seeds, ended_early: early, final }) => [
    ...axes.map((path) => escapeLatex(labels.plain(path, values[path]))),
    String(seeds.length),
    `${plusMinus(final[column], fraction ?? false)}${early.length > 0 ? dagger : ''}`,
  ]);
  const isMarked = rows.some(({ ended_early: early }) => early.length > 0);
  const lines = [head, ...body].map((cells) => `${cells.join(' & ')} \\\\`);
  return [
    '% \\usepackage{booktabs}; mean $\\pm$ sample deviation over seeds',
    ...(isMarked ? [`% ${dagger}: a seed ended early, and its last row counts`] : []),
    `\\begin{tabular}{${'l'.repeat(axes.length)}rr}`,
    '\\toprule',
    lines[0],
    '\\midrule',
    ...lines.slice(1),
    '\\bottomrule',
    '\\end{tabular}\n',
  ].join('\n');
}

const dagger = '$^\\dagger$';

function plusMinus(value: Spread | undefined, fraction: boolean): string {
  if (!value) return '--';
  const show = (number: number) =>
    fraction ? (100 * number).toFixed(2) : String(Number(number.toPrecision(4)));
  return value.deviation === undefined
    ? `$${show(value.mean)}$`
    : `$${show(value.mean)} \\pm ${show(value.deviation)}$`;
}

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  α: '$\\alpha$',
  β: '$\\beta$',
  γ: '$\\gamma$',
  λ: '$\\lambda$',
  μ: '$\\mu$',
  σ: '$\\sigma$',
  ω: '$\\omega$',
  '²': '$^2$',
};

function escapeLatex(text: string): string {
  return text
    .replaceAll(/[\\~^αβγλμσω²]/g, (character) => special[character])
    .replaceAll(/(?<!\\)[&%#_]/g, '\\$&');
}
