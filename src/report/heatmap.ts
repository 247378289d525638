import { format } from 'd3-format';
import type { TopLevelSpec } from 'vega-lite';
import { drawable } from './drawn.js';
import { textWidth } from './font.js';
import type { Column } from '../simulation/columns.js';
import { checkLimits, type Limits } from './limits.js';
import { percentDomain } from './scale.js';
import { describeNever, type SummaryCell } from './summary.js';
import { cellSentence, heatmapSentence, neverSentence } from './sentences.js';
import { fontSize, lineHeight, theme } from './theme.js';

/** A column of a heatmap, with the cells that it has. */
export interface HeatmapColumn {
  title: string;
  cells: readonly SummaryCell[];
  /** Sums the others up: a line sets it apart. */
  total?: boolean;
}

/** Pixels. */
const cellWidth = 52;
const cellHeight = 20;
/** Where means have deviations below them, in smaller letters. */
const tallCell = 28;
const deviationSize = 8;
const [meanAbove, deviationBelow] = [-5, 7]; // the middle of the cell

/** A cell as it is drawn. */
interface DrawnCell {
  column: string;
  row: string;
  /** Which the colour shows; absent where there is none, as of a target that is never reached. */
  value?: number;
  text: string;
  /** "± 0.4" */
  deviation?: string;
  description: string;
}

/**
 * Cells with their mean as a number, darker for more, and the deviation over seeds; rows and columns in the order given.
 */
export function drawHeatmap(
  columns: readonly HeatmapColumn[],
  rows: readonly string[],
  { y, title, limits = {} }: { y: Column; title: string; limits?: Limits },
): TopLevelSpec {
  const cells = columns.flatMap(({ title, cells }) => cells.map((cell) => drawnCell(cell, title, y)));
  const means = cells.flatMap(({ value }) => (value === undefined ? [] : [value]));
  checkLimits(y, limits, means, false);
  const [low, high] = colourDomain(y, means);
  const domain: [number, number] = [limits.ymin ?? low, limits.ymax ?? high];
  const titles = columns.map(({ title }) => title);
  const lines = titles.map((title) => title.split(', '));
  const labelPadding = 2 + lineHeight * (Math.max(...lines.map(({ length }) => length)) - 1);
  const texts = [...lines.flat(), ...cells.map(({ text }) => text)];
  const widest = Math.max(...texts.map((line) => textWidth(line, fontSize)));
  const tall = cells.some(({ deviation }) => deviation !== undefined);
  const spec = {
    config: theme,
    description: heatmapSentence(title, rows.length, columns.length),
    title: { text: title, frame: 'group' },
    width: { step: Math.ceil(Math.max(cellWidth, widest + 8)) },
    height: { step: tall ? tallCell : cellHeight },
    encoding: {
      x: {
        field: 'column',
        type: 'nominal',
        scale: { domain: titles },
        axis: {
          title: null,
          description: `Columns: ${titles.join('; ')}.`,
          orient: 'top',
          labelAngle: 0,
          labelExpr: "split(datum.label, ', ')",
          labelPadding,
          ...bare,
        },
      },
      y: {
        field: 'row',
        type: 'nominal',
        scale: { domain: [...rows] },
        axis: { title: null, description: `Rows: ${rows.join('; ')}.`, ...bare },
      },
    },
    layer: [...colourLayers(cells, domain), ...textLayers(cells, domain), ...totalLayers(columns)],
  };
  return spec as unknown as TopLevelSpec;
}

function drawnCell(cell: SummaryCell, column: string, y: Column): DrawnCell {
  const unit = y.fraction ? 100 : 1;
  const row = cell.series.label;
  if (cell.never !== undefined) {
    const text = describeNever(cell);
    return { column, row, text, description: neverSentence(row, column, text) };
  }
  const mean = unit * cell.mean;
  const deviation = cell.deviation === undefined ? undefined : unit * cell.deviation;
  return {
    ...{ column, row, value: drawable(mean), text: written(drawable(mean), 3, y) },
    ...(deviation !== undefined && { deviation: `± ${written(drawable(deviation), 2, y)}` }),
    description: cellSentence(row, column, mean, deviation),
  };
}

/** Percent to one digit, other numbers to so many significant ones: 97.4, 2,320, 1.4e+7. */
function written(value: number, digits: number, { fraction }: Column): string {
  if (fraction) return format('.1f')(value);
  const size = Math.abs(value);
  const plain = value === 0 || (size >= 1e-3 && size < 1e6);
  return format(plain ? `,.${digits}~r` : `.${digits}~g`)(value);
}

function colourLayers(cells: readonly DrawnCell[], domain: readonly number[]): object[] {
  const stroke = { stroke: 'white', strokeWidth: 1 };
  const description = { field: 'description' };
  const color = {
    field: 'value',
    type: 'quantitative',
    scale: { domain, range: ['#eaf2fb', '#0b3c73'], clamp: true },
    legend: null,
  };
  const layer = (values: readonly DrawnCell[], mark: object, encoding: object) =>
    values.length === 0
      ? []
      : [
          {
            data: { values },
            mark: { type: 'rect', ...stroke, ...mark },
            encoding: { ...encoding, description },
          },
        ];
  return [
    ...layer(
      cells.filter(({ value }) => value !== undefined),
      {},
      { color },
    ),
    ...layer(
      cells.filter(({ value }) => value === undefined),
      { fill: neverFill },
      {},
    ),
  ];
}

/** White letters where the cell is dark. */
function textLayers(cells: readonly DrawnCell[], [low, high]: readonly [number, number]): object[] {
  const dark = `datum.value > ${low + darkPart * (high - low)}`;
  const color = { condition: { test: dark, value: 'white' }, value: 'black' };
  const layer = (values: readonly DrawnCell[], field: keyof DrawnCell, mark: object) =>
    values.length === 0
      ? []
      : [
          {
            data: { values },
            mark: { type: 'text', fontSize, baseline: 'middle', aria: false, ...mark },
            encoding: { text: { field, type: 'nominal' }, color },
          },
        ];
  const withDeviation = cells.filter(({ deviation }) => deviation !== undefined);
  const alone = cells.filter(({ deviation }) => deviation === undefined);
  return [
    ...layer(alone, 'text', {}),
    ...layer(withDeviation, 'text', { dy: meanAbove }),
    ...layer(withDeviation, 'deviation', { dy: deviationBelow, fontSize: deviationSize }),
  ];
}

/** Lines that set sums apart from what they sum up. */
function totalLayers(columns: readonly HeatmapColumn[]): object[] {
  return columns
    .filter(({ total }) => total)
    .map(({ title }) => ({
      data: { values: [{}] },
      mark: { type: 'rule', stroke: 'white', strokeWidth: 5, aria: false },
      encoding: { x: { datum: title, bandPosition: 0 }, y: { value: 0 }, y2: { value: 'height' } },
    }));
}

const bare = { ticks: false, domain: false, labelLimit: 0 };

/** From here on white letters have more contrast than black ones. */
const darkPart = 0.67;

/** Of a cell without a value. */
const neverFill = '#e4e4e4';

/** It has a length even where all values are the same. */
function colourDomain(y: Column, values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  if (y.fraction) return percentDomain(least, greatest);
  const bottom = Math.min(0, least);
  return [bottom, greatest > bottom ? greatest : bottom + 1];
}
