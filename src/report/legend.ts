import { textWidth } from './font.js';
import { legendSentence } from './sentences.js';
import type { Series } from './series.js';
import { figureWidth, fontSize, padding } from './theme.js';
import { wrapText } from './wrap.js';

/** Pixels: the line before a label, and the space around it. */
const sample = 45;
const available = figureWidth - 2 * padding;

/** The legend of some series, samples of their lines or else of their symbols; nothing where there is nothing to tell. */
export function legendOf(series: readonly Series[], lines: boolean): object | null {
  if (series.length < 2) return null;
  const labels = series.map(({ label }) => label);
  const wrapped = labels.map((label) => wrapText(label, available - sample));
  return {
    columns: legendColumns(wrapped.flat(), labels.length),
    description: legendSentence(labels),
    labelExpr: `${JSON.stringify(Object.fromEntries(labels.map((label, k) => [label, wrapped[k]])))}[datum.label]`,
    ...(lines ? {} : symbolSamples),
  };
}

const symbolSamples = { symbolType: undefined, symbolSize: 40, rowPadding: 2 };

/** As many entries beside each other as the figure is wide, in rows that are equally full. */
function legendColumns(texts: readonly string[], entries: number): number {
  const widest = Math.max(...texts.map((text) => textWidth(text, fontSize)));
  const most = Math.max(1, Math.floor(available / (widest + sample)));
  return Math.ceil(entries / Math.ceil(entries / most));
}
