import type { Config } from 'vega-lite';
import { axis, type AxisValue } from '../results/axes.js';
import { fontFamily } from './font.js';

/**
 * The eight colours of Okabe and Ito (Color Universal Design, 2008), which differ for colour-blind readers too, then
 * five of Tol's "muted" ones. The first ones also differ in lightness.
 */
const colours = [
  '#0072B2', // blue
  '#E69F00', // orange
  '#000000', // black
  '#009E73', // bluish green
  '#D55E00', // vermillion
  '#56B4E9', // sky blue
  '#CC79A7', // reddish purple
  '#F0E442', // yellow
  '#332288',
  '#999933',
  '#882255',
  '#44AA99',
  '#AA4499',
];

/** What stands in for the colours that are too dark on a dark page. */
export const darkColours: Readonly<Record<string, string>> = {
  '#0072B2': '#3B9BDC',
  '#000000': '#F2F2F2',
  '#332288': '#8C7FE0',
  '#882255': '#C9638F',
};

/** A dark page, and what stands on it. */
export const darkTheme = { background: '#16181b', ink: '#e3e3e0', line: '#85888c', grid: '#33373b' };

/** Rules in the order of their colours: a rule has the same colour in every figure. New rules go to the end. */
const rules = [
  'cwmed',
  'geometric-median',
  'mean',
  'trimmed-mean',
  'krum',
  'centered-clipping',
  'mda',
  'mean-around-median',
  'multi-krum',
  'bulyan',
  'caf',
  'monna',
  'smea',
];

/** Dashes and gaps in pixels: solid first. They tell lines apart in grey print. */
const dashes = [[], [4, 2], [1.5, 1.5], [7, 2, 1.5, 2], [8, 3], [4, 1.5, 1.5, 1.5, 1.5, 1.5]];

/** The colour of one of an axis's values, which are given in order. */
export function colourOf(path: string, value: AxisValue, values: readonly AxisValue[]): string {
  const known = path === axis.rule ? rules.indexOf(String(value)) : -1;
  return cyclic(colours, known >= 0 ? known : values.indexOf(value));
}

/** The k-th kind of line. */
export function dashOf(k: number): readonly number[] {
  return cyclic(dashes, k);
}

function cyclic<T>(list: readonly T[], k: number): T {
  return list[k % list.length];
}

export const fontSize = 10;

/** Vega-Lite passes it on to Vega, but its types leave it out. */
const centred: object = { layout: { bottom: { anchor: 'middle' } } };

/** Sizes in pixels, for a figure as wide as the column of a paper (80 mm are 302 pixels). */
export const theme: Config = {
  font: fontFamily,
  background: 'white',
  padding: 4,
  view: { stroke: null },
  axis: {
    labelFontSize: fontSize,
    titleFontSize: fontSize,
    titleFontWeight: 'normal',
    labelColor: 'black',
    titleColor: 'black',
    domainColor: '#888888',
    tickColor: '#888888',
    tickSize: 3,
    gridColor: '#e4e4e4',
    labelPadding: 2,
    titlePadding: 4,
  },
  legend: {
    orient: 'bottom',
    title: null,
    labelFontSize: fontSize,
    labelColor: 'black',
    labelLimit: 0,
    symbolType: 'stroke',
    symbolSize: 500,
    symbolStrokeWidth: 1.5,
    symbolOpacity: 1,
    ...centred,
    columnPadding: 10,
    rowPadding: -8, // samples are squares: this takes away what is above and below the line
    offset: 6,
  },
  title: { fontSize, fontWeight: 'normal', color: 'black', anchor: 'middle', offset: 4 },
};
