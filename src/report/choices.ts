import { nearest } from '../base/suggest.js';
import { UserError } from '../base/errors.js';
import { axis, axisPaths, axisValues } from '../config/axes.js';
import type { Column } from '../simulation/columns.js';
import type { StudyRun } from '../study/study-run.js';
import { foremost, tellingApart } from '../study/grouping.js';
import { parseQuantity, targetProblem } from '../thresholds/quantity.js';

/** What there is to draw; the first where nothing is said. */
export const kinds = ['curves', 'heatmap', 'shards'] as const;

/** The words of `FigureChoices`. */
export const choiceNames = ['kind', 'x', 'y', 'colour', 'facet', 'ymin', 'ymax', 'sharey', 'xscale'] as const;

/** What to draw, in a user's words; what is left out is chosen to suit the runs. */
export interface FigureChoices {
  /** curves, or heatmap. */
  kind?: string;
  /** Curves: update, time or epoch. Heatmap: the axis of its columns. */
  x?: string;
  /** A column of metrics.csv. */
  y?: string;
  /** The axis that colours curves, or that a heatmap's rows differ in first. */
  colour?: string;
  /** Curves: the axis of panels. */
  facet?: string;
  /** Ends of the y axis of curves, or of the colours of a heatmap, in its unit: percent for accuracies. */
  ymin?: string;
  ymax?: string;
  /** Curves: "true" for the same y axis in all panels, "false" for one of its own in each. */
  sharey?: string;
  /** Curves: "linear", or "log" for a logarithmic x axis. */
  xscale?: string;
}

/** Panels for attacks, if they differ. */
export function chooseFacet(runs: readonly StudyRun[], colour: string | undefined): string | undefined {
  return colour !== axis.attack && axisValues(runs, axis.attack).length > 1 ? axis.attack : undefined;
}

/** Colours for rules if they differ, else for optimizers, else for whatever the axes in use do not settle. */
export function chooseColour(runs: readonly StudyRun[], used: readonly string[]): string {
  const candidates = new Set([...foremost, ...axisPaths(runs)]);
  const telling = tellingApart(
    runs,
    used,
    [...candidates].filter((path) => !used.includes(path)),
  );
  const ofRule = [axis.rule, axis.weighted, axis.meta].some((path) => telling.includes(path));
  if (ofRule && !used.includes(axis.rule)) return axis.rule;
  return telling.includes(axis.optimizer) ? axis.optimizer : (telling[0] ?? axis.rule);
}

/** The column that tells how runs went: test accuracy, or else test loss; none if they have numbers in neither. */
export function resultColumn(runs: readonly StudyRun[]): string | undefined {
  return ['test_accuracy', 'test_loss'].find((column) => hasNumbers(runs, column));
}

/** A column that the runs have numbers in; test accuracy if there is any. */
export function chooseColumn(runs: readonly StudyRun[], wanted: string | undefined): string {
  const columns = [...new Set(runs.flatMap((run) => run.columns))];
  const column = wanted ?? resultColumn(runs) ?? 'test_accuracy';
  if (hasNumbers(runs, column)) return column;
  if (columns.includes(column))
    throw new UserError(`missing values: column ${column} is empty in these runs`);
  throw unknown(
    'column',
    column,
    columns.filter((name) => hasNumbers(runs, name)),
  );
}

/** The runs that have a column: modes have columns of their own. One that ended before its first row counts by its header. */
export function having(runs: readonly StudyRun[], column: string): StudyRun[] {
  return runs.filter(
    ({ columns, rows }) =>
      columns.includes(column) && (rows.length === 0 || rows.some((row) => row[column] !== undefined)),
  );
}

/** Says how many runs lack a column; nothing if none does. */
export function describeLacking(column: string, all: number, drawn: number): string[] {
  if (drawn === all) return [];
  const count = all - drawn;
  return [
    `${count} of ${all} runs ${count === 1 ? 'has' : 'have'} no ${column} and ${count === 1 ? 'is' : 'are'} not drawn`,
  ];
}

function hasNumbers(runs: readonly StudyRun[], column: string): boolean {
  return runs.some(({ rows }) => rows.some((row) => Number.isFinite(row[column])));
}

/** @throws UserError for a word that is none of the valid ones */
export function oneOf(what: string, value: string, valid: readonly string[]): string {
  if (valid.includes(value)) return value;
  throw unknown(what, value, valid);
}

/** "unknown column: test_acc (did you mean test_accuracy?); choose from ...". */
export function unknown(what: string, value: string, valid: readonly string[]): UserError {
  const hint = nearest(value, valid);
  return new UserError(
    `unknown ${what}: ${value}${hint ? ` (did you mean ${hint}?)` : ''}; choose from ${valid.join(', ')}`,
  );
}

/** What is wrong with the target of a `y`, on these columns; nothing for what has none. */
export function targetProblemOf(y: string, columns: readonly Column[]): string | undefined {
  const quantity = parseQuantity(y, columns);
  return quantity && targetProblem(quantity, columns);
}
