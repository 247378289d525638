import type { Config } from 'vega-lite';
import { fontFamily } from './font.js';

/** A dark page, and what stands on it. */
export const darkTheme = { background: '#16181b', ink: '#e3e3e0', line: '#85888c', grid: '#33373b' };

/** Pixels. A figure is as wide as the column of a paper, 80 mm. */
export const figureWidth = 302;
export const padding = 4;
export const fontSize = 10;
export const lineHeight = 12;

/** Vega-Lite passes it on to Vega, but its types leave it out. */
const centred: object = { layout: { bottom: { anchor: 'middle' } } };

/** Sizes in pixels. Axes are where their numbers are, to a fraction of a pixel, and so is what is drawn. */
export const theme: Config = {
  font: fontFamily,
  background: 'white',
  padding,
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
    translate: 0,
    tickRound: false,
    labelFlush: false,
    labelOverlap: false,
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
