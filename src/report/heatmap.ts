import type { TopLevelSpec } from 'vega-lite';
import { drawable } from './drawn.js';
import { textWidth } from './font.js';
import type { Column } from '../simulation/columns.js';
import { checkLimits, type Limits } from './limits.js';
import { percentDomain } from './scale.js';
import type { SummaryCell } from './summary.js';
import { cellSentence, heatmapSentence } from './sentences.js';
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

/** Cells with their mean as a number, darker for more; rows and columns in the order given. */
export function drawHeatmap(
  columns: readonly HeatmapColumn[],
  rows: readonly string[],
  { y, title, limits = {} }: { y: Column; title: string; limits?: Limits },
): TopLevelSpec {
  const unit = y.fraction ? 100 : 1;
  const values = columns.flatMap(({ title, cells }) =>
    cells.map(({ series, mean }) => ({
      column: title,
      row: series.label,
      value: drawable(unit * mean),
      description: cellSentence(series.label, title, unit * mean),
    })),
  );
  const means = values.map(({ value }) => value);
  checkLimits(y, limits, means, false);
  const [low, high] = colourDomain(y, means);
  const domain = [limits.ymin ?? low, limits.ymax ?? high];
  const titles = columns.map(({ title }) => title);
  const lines = titles.map((title) => title.split(', '));
  const labelPadding = 2 + lineHeight * (Math.max(...lines.map(({ length }) => length)) - 1);
  const widest = Math.max(...lines.flat().map((line) => textWidth(line, fontSize)));
  return {
    config: theme,
    description: heatmapSentence(title, rows.length, columns.length),
    title: { text: title, frame: 'group' },
    data: { values },
    width: { step: Math.ceil(Math.max(cellWidth, widest + 8)) },
    height: { step: cellHeight },
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
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: 1 },
        encoding: {
          color: {
            field: 'value',
            type: 'quantitative',
            scale: { domain, range: ['#eaf2fb', '#0b3c73'], clamp: true },
            legend: null,
          },
          description: { field: 'description' },
        },
      },
      {
        mark: { type: 'text', fontSize, baseline: 'middle', aria: false },
        encoding: {
          text: { field: 'value', type: 'quantitative', format: y.fraction ? '.1f' : '.3~g' },
          color: {
            condition: {
              test: `datum.value > ${domain[0] + darkPart * (domain[1] - domain[0])}`,
              value: 'white',
            },
            value: 'black',
          },
        },
      },
      ...columns
        .filter(({ total }) => total)
        .map(({ title }) => ({
          mark: { type: 'rule' as const, stroke: 'white', strokeWidth: 5, aria: false },
          encoding: {
            x: { datum: title, bandPosition: 0 },
            y: { value: 0 },
            y2: { value: 'height' as const },
          },
        })),
    ],
  };
}

const bare = { ticks: false, domain: false, labelLimit: 0 };

/** From here on white letters have more contrast than black ones. */
const darkPart = 0.67;

/** It has a length even where all values are the same. */
function colourDomain(y: Column, values: readonly number[]): [number, number] {
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  if (y.fraction) return percentDomain(least, greatest);
  const bottom = Math.min(0, least);
  return [bottom, greatest > bottom ? greatest : bottom + 1];
}
