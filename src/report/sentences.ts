import type { DrawnPoint } from './drawn.js';
import { counted } from './html/markup.js';
import type { Column } from '../simulation/columns.js';
import { capitalised, columnTitle } from '../study/labels.js';
import type { Scale } from './scale.js';
import type { Series } from './series.js';
import type { Ticks } from './ticks.js';

// What readers hear who cannot see a figure: a sentence for each axis, curve, cell and legend.

/** "Test accuracy (%) against updates; panels: little; empire; lines: ω-CWMed; CWMed." */
export function curvesSentence(
  { x, y }: { x: Column; y: Column },
  panels: readonly string[],
  series: readonly Series[],
): string {
  const lines = series.map(({ label }) => label);
  const parts = [
    `${capitalised(columnTitle(y))} against ${columnTitle(x)}`,
    panels.length > 1 && `panels: ${panels.join('; ')}`,
    `${lines.length > 1 ? 'lines' : 'line'}: ${lines.join('; ')}`,
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}

/** "Vertical axis: test accuracy (%), marked from 60 to 100." */
export function axisSentence(
  direction: 'Horizontal' | 'Vertical',
  column: Column,
  { labels }: Ticks,
  type: Scale['type'] = 'linear',
): string {
  const ends = labels.length > 1 ? `, marked from ${labels[0]} to ${labels[labels.length - 1]}` : '';
  return `${direction} axis: ${columnTitle(column)}${ends}${type === 'log' ? ', logarithmic' : ''}.`;
}

/** "GM, little: test accuracy (%) from 71.2 ± 3.1 at update 375 to 95.1 ± 0.31 at update 3750." */
export function curveSentence(
  { x, y }: { x: Column; y: Column },
  panel: string,
  points: readonly DrawnPoint[],
): string {
  const said = ({ x: at, mean, high }: DrawnPoint) =>
    `${number(mean)}${high === undefined ? '' : ` ± ${number(high - mean, 2)}`} at ${x.name} ${number(at, 6)}`;
  const first = points[0];
  const last = points[points.length - 1];
  const values = first === last ? said(first) : `from ${said(first)} to ${said(last)}`;
  return `${named(first.series.label, panel)}: ${columnTitle(y)} ${values}.`;
}

/** "GM, little: 95.1 ± 0.31." */
export function cellSentence(row: string, column: string, value: number, deviation?: number): string {
  const spread = deviation === undefined ? '' : ` ± ${number(deviation, 2)}`;
  return `${named(row, column)}: ${number(value)}${spread}.`;
}

/** "GM, little: 1 of 3 never." */
export function neverSentence(row: string, column: string, words: string): string {
  return `${named(row, column)}: ${words}.`;
}

/** "Legend: ω-CWMed; CWMed; GM." */
export function legendSentence(labels: readonly string[]): string {
  return `Legend: ${labels.join('; ')}.`;
}

/** "Test accuracy (%): a table of 2 rows and 3 columns." */
export function heatmapSentence(title: string, rows: number, columns: number): string {
  return `${capitalised(title)}: a table of ${counted(rows, 'row')} and ${counted(columns, 'column')}.`;
}

function named(...names: string[]): string {
  return names.filter(Boolean).join(', ');
}

function number(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits)));
}
