import { max } from 'd3-array';
import { textWidth } from './font.js';
import { figureWidth, fontSize, padding } from './theme.js';
import { logTicks, spacedTicks, type Ticks } from './ticks.js';

/** Pixels. */
const gap = 12;
const titleHeight = fontSize + 4; // with what is beside it
const strokeMargin = 3; // which Vega leaves around lines
const tickLength = 5; // with what is between tick and label
const singleHeight = 165;
const height = 105;

const mostColumns = 2;

/** For a number of a logarithmic x axis and what is beside it. */
const logTickWidth = 32;

/** Where the panels of a figure are, in pixels, and the ticks that there is room for on their x axes. */
export interface Layout {
  columns: number;
  gap: number;
  /** What ticks and numbers of the leftmost y axes take. */
  besides: number;
  width: number;
  height: number;
  xTicks: Ticks;
}

/** The x axis of all panels. */
export interface Abscissa {
  /** 0 unless it is logarithmic. */
  start: number;
  end: number;
  type: 'linear' | 'log';
  /** Whether there is nothing between whole numbers. */
  integer: boolean;
}

/**
 * Panels that make a figure as wide as the column of a paper, its numbers included.
 *
 * @param yLabels of the y axis of each panel; none for a panel without numbers of its own
 */
export function layOut(yLabels: readonly (readonly string[])[], x: Abscissa): Layout {
  const columns = Math.min(yLabels.length, mostColumns);
  const besides = Array.from({ length: columns }, (_, column) => {
    const labels = yLabels.filter((_, k) => k % columns === column).flat();
    return tickLength + (max(labels, labelWidth) ?? 0);
  });
  const taken = 2 * padding + titleHeight + besides.reduce((sum, one) => sum + one) + gap * (columns - 1);
  const widest = Math.floor((figureWidth - taken) / columns);
  const width = Math.floor(widest - overhang(ticksOf(x, widest), x, widest));
  return {
    columns,
    gap,
    besides: besides[0],
    width,
    height: columns > 1 ? height : singleHeight,
    xTicks: ticksOf(x, width),
  };
}

function ticksOf({ start, end, type, integer }: Abscissa, width: number): Ticks {
  return type === 'log' ? logTicks([start, end], width / logTickWidth) : spacedTicks(end, width, integer);
}

/** How far what is drawn, or the last number of the x axis, reaches beyond the panel. */
function overhang({ values, labels }: Ticks, { start, end, type }: Abscissa, width: number): number {
  const last = values.length - 1;
  const place = type === 'log' ? Math.log(values[last] / start) / Math.log(end / start) : values[last] / end;
  return Math.max(strokeMargin, labelWidth(labels[last]) / 2 - width * (1 - place));
}

function labelWidth(label: string): number {
  return textWidth(label, fontSize);
}
