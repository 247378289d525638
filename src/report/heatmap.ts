import type { TopLevelSpec } from 'vega-lite';
import { textWidth } from './font.js';
import { isFraction } from './labels.js';
import { percentDomain } from './scale.js';
import type { Cell } from './summary.js';
import { fontSize, theme } from './theme.js';

/** A column of a heatmap, with the cells that it has. */
export interface HeatmapColumn {
  title: string;
  cells: readonly Cell[];
  /** Sums the others up: a line sets it apart. */
  total?: boolean;
}

/** Pixels. */
const cellWidth = 52;
const cellHeight = 20;
const lineHeight = fontSize + 2;

/** Cells with their mean as a number, darker for more; rows and columns in the order given. */
export function heatmapSpec(
  columns: readonly HeatmapColumn[],
  rows: readonly string[],
  y: string,
  title: string,
): TopLevelSpec {
  const unit = isFraction(y) ? 100 : 1;
  const values = columns.flatMap(({ title, cells }) =>
    cells.map(({ series, mean }) => ({ column: title, row: series.label, value: unit * mean })),
  );
  const domain = colourDomain(
    y,
    values.map(({ value }) => value),
  );
  const lines = columns.flatMap(({ title }) => title.split(', '));
  const labelPadding =
    2 + lineHeight * (Math.max(...columns.map(({ title }) => title.split(', ').length)) - 1);
  const widest = Math.max(...lines.map((line) => textWidth(line, fontSize)));
  return {
    config: theme,
    title: { text: title, frame: 'group' },
    data: { values },
    width: { step: Math.ceil(Math.max(cellWidth, widest + 8)) },
    height: { step: cellHeight },
    encoding: {
      x: {
        field: 'column',
        type: 'nominal',
        sort: columns.map(({ title }) => title),
        axis: {
          title: null,
          orient: 'top',
          labelAngle: 0,
          labelExpr: "split(datum.label, ', ')",
          labelPadding,
          ...bare,
        },
      },
      y: { field: 'row', type: 'nominal', sort: [...rows], axis: { title: null, ...bare } },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: 1 },
        encoding: {
          color: {
            field: 'value',
            type: 'quantitative',
            scale: { domain, range: ['#eaf2fb', '#0b3c73'] },
            legend: null,
          },
        },
      },
      {
        mark: { type: 'text', fontSize, baseline: 'middle' },
        encoding: {
          text: { field: 'value', type: 'quantitative', format: isFraction(y) ? '.1f' : '.3~g' },
          color: {
            condition: { test: `datum.value > ${domain[0] + 0.6 * (domain[1] - domain[0])}`, value: 'white' },
            value: 'black',
          },
        },
      },
      ...columns
        .filter(({ total }) => total)
        .map(({ title }) => ({
          mark: { type: 'rule' as const, stroke: 'white', strokeWidth: 5 },
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

function colourDomain(y: string, values: readonly number[]): [number, number] {
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  return isFraction(y) ? percentDomain(least, greatest) : [Math.min(0, least), greatest];
}
