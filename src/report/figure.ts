import { stringify } from 'csv-stringify/sync';
import type { TopLevelSpec } from 'vega-lite';
import { nearest } from '../config/suggest.js';
import { UserError } from '../errors.js';
import type { Spread } from '../results/seeds.js';
import { axis, axisPaths, axisValues, findAxis } from '../results/axes.js';
import { curvesSpec } from './curves.js';
import { heatmapSpec, type HeatmapColumn } from './heatmap.js';
import { columnTitle } from './labels.js';
import type { StudyRun } from '../results/study.js';
import { arrange, tellingApart } from './series.js';
import { summarizeCurves, summarizeFinals, worstCells } from './summary.js';

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
}

export interface Figure {
  spec: TopLevelSpec;
  /** What is drawn, as CSV in the units of metrics.csv. */
  summary: string;
}

const kinds = ['curves', 'heatmap'];
const abscissas = ['update', 'time', 'epoch'];

/**
 * Describes a figure of some runs, at least one.
 * @throws UserError for choices that the runs do not have
 */
export function describeFigure(runs: readonly StudyRun[], choices: FigureChoices): Figure {
  const kind = oneOf('kind', choices.kind ?? 'curves', kinds);
  return kind === 'curves' ? describeCurves(runs, choices) : describeHeatmap(runs, choices);
}

function describeCurves(runs: readonly StudyRun[], choices: FigureChoices): Figure {
  const x = oneOf('x', choices.x ?? 'update', abscissas);
  const y = chooseColumn(runs, choices.y);
  const paths = axisPaths(runs);
  const wanted = choices.colour === undefined ? undefined : findAxis(choices.colour, paths);
  const facet = choices.facet === undefined ? chooseFacet(runs, wanted) : findAxis(choices.facet, paths);
  const colour = wanted ?? chooseColour(runs, facet === undefined ? [] : [facet]);
  const arrangement = arrange(runs, { panel: facet, colour });
  const points = summarizeCurves(runs, arrangement, { x, y });
  const summary = stringify([
    ['facet', 'series', x, `${y}_mean`, `${y}_deviation`, 'seeds'],
    ...points.map((point) => [point.panel, point.series.label, point.x, ...spreadCells(point)]),
  ]);
  return { spec: curvesSpec(points, arrangement, { x, y }), summary };
}

/** Final values of rules against attacks, with the worst case; or the worst case over attacks against another axis. */
function describeHeatmap(runs: readonly StudyRun[], choices: FigureChoices): Figure {
  if (choices.facet !== undefined)
    throw new UserError('invalid facet: a heatmap has one panel (x= chooses its columns)');
  const y = chooseColumn(runs, choices.y);
  const paths = axisPaths(runs);
  const panel = findAxis(choices.x ?? 'attack', paths);
  const colour =
    choices.colour === undefined ? chooseColour(runs, [panel, axis.attack]) : findAxis(choices.colour, paths);
  const arrangement = arrange(runs, { panel, colour, pooled: axis.attack });
  const { panels, series } = arrangement;
  const finals = summarizeFinals(runs, arrangement, y);
  const attacks = axisValues(runs, axis.attack).map(String);
  const againstAttacks = panel === axis.attack;
  const columns: HeatmapColumn[] = panels.map((title) => {
    const cells = finals.filter((cell) => cell.panel === title);
    return { title, cells: againstAttacks ? cells : worstCells(cells, series, attacks, y) };
  });
  if (againstAttacks && attacks.length > 1) {
    columns.push({ title: 'worst case', cells: worstCells(finals, series, attacks, y), total: true });
  }
  if (columns.every(({ cells }) => cells.length === 0)) {
    throw new UserError(`missing runs: nowhere has every attack been run (${attacks.join(', ')})`);
  }

  const summary = stringify([
    ['column', 'series', `${y}_mean`, `${y}_deviation`, 'seeds', 'attack'],
    ...columns.flatMap(({ title, cells }) =>
      cells.map((cell) => [title, cell.series.label, ...spreadCells(cell), cell.attack]),
    ),
  ]);
  const worst = !againstAttacks && attacks.length > 1 ? ', worst case over attacks' : '';
  const rows = series.map(({ label }) => label);
  return { spec: heatmapSpec(columns, rows, y, columnTitle(y) + worst), summary };
}

/** In full precision; one seed has no deviation. */
function spreadCells({ mean, deviation, seeds }: Spread): (number | undefined)[] {
  return [mean, deviation, seeds];
}

/** Panels for attacks, if they differ. */
export function chooseFacet(runs: readonly StudyRun[], colour: string | undefined): string | undefined {
  return colour !== axis.attack && axisValues(runs, axis.attack).length > 1 ? axis.attack : undefined;
}

/** Colours for rules if they differ, else for optimizers, else for whatever the axes in use do not settle. */
export function chooseColour(runs: readonly StudyRun[], used: readonly string[]): string {
  const telling = tellingApart(runs, used, axisPaths(runs));
  const ofRule = [axis.rule, axis.weighted, axis.meta].some((path) => telling.includes(path));
  if (ofRule && !used.includes(axis.rule)) return axis.rule;
  return telling.includes(axis.optimizer) ? axis.optimizer : (telling[0] ?? axis.rule);
}

/** The column that tells how runs went: test accuracy, or else test loss; none if they have numbers in neither. */
export function resultColumn(runs: readonly StudyRun[]): string | undefined {
  return ['test_accuracy', 'test_loss'].find((column) => hasNumbers(runs, column));
}

/** A column that the runs have numbers in; test accuracy if there is any. */
function chooseColumn(runs: readonly StudyRun[], wanted: string | undefined): string {
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

function hasNumbers(runs: readonly StudyRun[], column: string): boolean {
  return runs.some(({ rows }) => rows.some((row) => Number.isFinite(row[column])));
}

function oneOf(what: string, value: string, valid: readonly string[]): string {
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
