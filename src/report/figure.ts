import { stringify } from 'csv-stringify/sync';
import { min } from 'd3-array';
import type { TopLevelSpec } from 'vega-lite';
import { UserError } from '../base/errors.js';
import type { Spread } from '../base/statistics/spread.js';
import { axis, axisPaths, axisValues, findAxis } from '../config/axes.js';
import { drawCurves } from './curves.js';
import { drawHeatmap, type HeatmapColumn } from './heatmap.js';
import { columnTitle, type Labels } from '../study/labels.js';
import type { StudyRun } from '../study/study-run.js';
import { arrange, inFixedOrder } from './series.js';
import {
  chooseColour,
  chooseColumn,
  chooseFacet,
  describeLacking,
  having,
  kinds,
  oneOf,
  type FigureChoices,
} from './choices.js';
import { limited, parseLimits } from './limits.js';
import { mostStrokes } from './strokes.js';
import { describeShards } from './shards.js';
import { summarizeCurves, summarizeQuantity, worstCells } from './summary.js';
import { writeQuantity, type Quantity } from '../thresholds/quantity.js';

export interface Figure {
  spec: TopLevelSpec;
  /** What is drawn, as CSV in the units of metrics.csv. */
  summary: string;
  /** What a reader should know who sees the figure alone; a sentence each. */
  notes: string[];
}

const abscissas = ['update', 'time', 'epoch'];
const truths = ['true', 'false'];
const scales = ['linear', 'log'];

/**
 * Describes a figure of some runs, at least one.
 * @throws UserError for choices that the runs do not have
 */
export function describeFigure(all: readonly StudyRun[], choices: FigureChoices, labels: Labels): Figure {
  const runs = inFixedOrder(all);
  const kind = oneOf('kind', choices.kind ?? kinds[0], kinds);
  if (kind === 'shards') return describeShards(runs, choices, labels);
  return kind === 'curves' ? describeCurves(runs, choices, labels) : describeHeatmap(runs, choices, labels);
}

function describeCurves(all: readonly StudyRun[], choices: FigureChoices, labels: Labels): Figure {
  const x = oneOf('x', choices.x ?? 'update', abscissas);
  if (choices.y !== undefined && labels.parseQuantity(choices.y)?.row === 'first')
    throw new UserError(
      `invalid y: ${choices.y} (curves have a column; kind=heatmap draws the time to a target)`,
    );
  const y = chooseColumn(all, choices.y);
  const runs = having(all, y);
  const limits = parseLimits(choices);
  const sharedY =
    choices.sharey === undefined ? undefined : oneOf('sharey', choices.sharey, truths) === 'true';
  if (sharedY === false && limited(limits))
    throw new UserError('invalid sharey: false (ymin= and ymax= hold for all panels)');
  const xscale = oneOf('xscale', choices.xscale ?? scales[0], scales);
  const paths = axisPaths(runs);
  const wanted = choices.colour === undefined ? undefined : findAxis(choices.colour, paths);
  const facet = choices.facet === undefined ? chooseFacet(runs, wanted) : findAxis(choices.facet, paths);
  const colour = wanted ?? chooseColour(runs, facet === undefined ? [] : [facet]);
  const arrangement = arrange(runs, { panel: facet, colour }, labels);
  const points = summarizeCurves(runs, arrangement, { x, y });
  if (points.length === 0)
    throw new UserError(`missing values: no run has numbers in columns ${x} and ${y} of one row`);
  const first = min(points, (point) => point.x)!;
  if (xscale === 'log' && first <= 0)
    throw new UserError(`invalid xscale: log (${x} begins at ${first}, and a logarithmic axis above 0)`);
  const summary = stringify([
    ['facet', 'series', x, `${y}_mean`, `${y}_deviation`, 'seeds'],
    ...points.map((point) => [point.panel, point.series.label, point.x, ...spreadCells(point)]),
  ]);
  const { spec, outside } = drawCurves(points, arrangement, {
    x: x === 'update' ? { ...labels.column(x), title: labels.steps(runs) } : labels.column(x),
    y: labels.column(y),
    limits,
    sharedY,
    logX: xscale === 'log',
  });
  const lines = arrangement.series.length;
  const notes = describeLacking(y, all.length, runs.length);
  if (lines > mostStrokes)
    notes.push(`of ${lines} lines only ${mostStrokes} can be told apart; byzsim plot parts them with facet=`);
  if (outside > 0 && !limited(limits))
    notes.push(
      `${outside} of ${points.length} points or their bands lie below the y axis; byzsim plot shows them with ymin=0`,
    );
  return { spec, summary, notes };
}

/** Final values of rules against attacks, with the worst case; or the worst case over attacks against another axis. */
function describeHeatmap(all: readonly StudyRun[], choices: FigureChoices, labels: Labels): Figure {
  if (choices.facet !== undefined)
    throw new UserError('invalid facet: a heatmap has one panel (x= chooses its columns)');
  if (choices.sharey !== undefined) throw new UserError('invalid sharey: a heatmap has one panel');
  if (choices.xscale !== undefined)
    throw new UserError('invalid xscale: the columns of a heatmap have no scale');
  const quantity = chooseQuantity(all, choices.y, labels);
  const needed = quantity.row === 'first' ? quantity.target.column : quantity.column;
  const runs = having(all, needed);
  const column = labels.quantity(quantity);
  const paths = axisPaths(runs);
  const panel = findAxis(choices.x ?? 'attack', paths);
  const colour =
    choices.colour === undefined ? chooseColour(runs, [panel, axis.attack]) : findAxis(choices.colour, paths);
  const arrangement = arrange(runs, { panel, colour, pooled: axis.attack }, labels);
  const { panels, series } = arrangement;
  const values = summarizeQuantity(runs, arrangement, quantity);
  const attacks = axisValues(runs, axis.attack).map(String);
  const againstAttacks = panel === axis.attack;
  if (!againstAttacks && attacks.length > 1 && column.better === undefined)
    throw new UserError(
      `invalid x: ${panel} leaves the worst of ${attacks.length} attacks, but neither more nor less ${column.name} is better (choose one, by --where attack=${attacks[0]})`,
    );
  const columns: HeatmapColumn[] = panels.map((title) => {
    const cells = values.filter((cell) => cell.panel === title);
    return { title, cells: againstAttacks ? cells : worstCells(cells, series, attacks, column) };
  });
  if (againstAttacks && attacks.length > 1 && column.better !== undefined) {
    columns.push({
      title: 'worst case',
      cells: worstCells(values, series, attacks, column),
      total: true,
    });
  }
  if (values.length === 0)
    throw new UserError(`missing values: no run ends with a number in column ${column.name}`);
  if (columns.every(({ cells }) => cells.length === 0)) {
    throw new UserError(`missing runs: nowhere has every attack been run (${attacks.join(', ')})`);
  }

  const target = quantity.row === 'first';
  const name = target ? writeQuantity(quantity).replaceAll(' ', '_') : quantity.column;
  const summary = stringify([
    [
      'column',
      'series',
      `${name}_mean`,
      `${name}_deviation`,
      'seeds',
      'attack',
      ...(target ? ['never'] : []),
    ],
    ...columns.flatMap(({ title, cells }) =>
      cells.map((cell) => [
        ...[title, cell.series.label, ...spreadCells(cell), cell.attack],
        ...(target ? [cell.never ?? 0] : []),
      ]),
    ),
  ]);
  const worst = !againstAttacks && attacks.length > 1 ? ', worst case over attacks' : '';
  const rows = series.map(({ label }) => label);
  const title = columnTitle(column) + worst;
  return {
    spec: drawHeatmap(columns, rows, { y: column, title, limits: parseLimits(choices) }),
    summary,
    notes: describeLacking(needed, all.length, runs.length),
  };
}

/** A column in the last row, or the time to a target. */
function chooseQuantity(runs: readonly StudyRun[], y: string | undefined, labels: Labels): Quantity {
  const quantity = y === undefined ? undefined : labels.parseQuantity(y);
  if (quantity?.row !== 'first') return { row: 'final', column: chooseColumn(runs, y) };
  chooseColumn(runs, quantity.target.column);
  return quantity;
}

/** In full precision; one seed has no deviation, and what a seed never reaches no mean. */
function spreadCells({ mean, deviation, seeds }: Spread): (number | undefined)[] {
  return [mean === Infinity ? undefined : mean, deviation, seeds];
}
