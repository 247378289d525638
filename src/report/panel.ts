import { curveLayers } from './curve-layers.js';
import type { DrawnPoint } from './drawn.js';
import { columnTitle } from '../study/labels.js';
import type { Column } from '../simulation/columns.js';
import type { Abscissa, Layout } from './layout.js';
import { isOutside, type Scale } from './scale.js';
import { axisSentence, curveSentence } from './sentences.js';
import type { Series } from './series.js';
import { fontSize, lineHeight } from './theme.js';
import type { Ticks } from './ticks.js';
import { wrapText } from './wrap.js';

export interface Panel {
  /** Empty for the only panel of a figure. */
  title: string;
  /** Columns of metrics.csv. */
  x: Column;
  y: Column;
  abscissa: Abscissa;
  layout: Layout;
  scale: Scale;
  yTicks: Ticks;
  /** Where titles of axes stand. */
  leftmost: boolean;
  lowest: boolean;
  /** Whether the y axis has numbers. */
  numbered: boolean;
  /** Of the figure, as in its legend. */
  series: readonly Series[];
  legend: object | null;
  lines: boolean;
}

/** The curves of one panel with its axes and its title. */
export function panelSpec(points: readonly DrawnPoint[], panel: Panel): object {
  const { title, x, y, abscissa, layout, scale, series, legend, lines } = panel;
  const { width, height, xTicks } = layout;
  const { type, domain } = scale;
  const xAxis = {
    title: panel.lowest ? columnTitle(x) : null,
    description: axisSentence('Horizontal', x, xTicks, abscissa.type),
    grid: false,
    ...axisTicks(xTicks),
  };
  const yAxis = {
    title: panel.leftmost ? columnTitle(y) : null,
    description: axisSentence('Vertical', y, panel.yTicks, type),
    labels: panel.numbered,
    // The titles of one column are level.
    ...(panel.leftmost && { minExtent: layout.besides }),
    ...axisTicks(panel.yTicks),
  };
  const yScale = { type, domain, nice: false, ...(type === 'linear' && { zero: false }) };
  return {
    width,
    height,
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        scale: {
          ...(abscissa.type === 'log' && { type: 'log' }),
          domain: [abscissa.start, abscissa.end],
          nice: false,
        },
        axis: xAxis,
      },
      y: { type: 'quantitative', scale: yScale, axis: yAxis },
    },
    layer: [
      ...(title === '' ? [] : [titleLayer(title, width)]),
      ...(points.length > 0 ? [] : [textLayer(['no values'], width / 2, height / 2)]),
      ...curveLayers(
        points.map((point) => onAxis(point, scale)),
        {
          ...{ series, legend, lines },
          clip: points.some((point) => isOutside(point, scale)),
          describe: (curve) => curveSentence({ x, y }, title, curve),
        },
      ),
    ],
  };
}

/** Labels by value: those of Vega would be dropped where they are close, and differ in digits. */
export function axisTicks({ values, labels }: Ticks): object {
  const byValue = Object.fromEntries(values.map((value, k) => [String(value), labels[k]]));
  return { values, labelExpr: `${JSON.stringify(byValue)}[datum.value]` };
}

/** A logarithmic axis has no place for the edge of a band at 0 or below. */
function onAxis(point: DrawnPoint, { type, domain }: Scale): DrawnPoint {
  if (type === 'linear' || point.low === undefined) return point;
  return { ...point, low: Math.max(point.low, Math.min(domain[0], point.mean)) };
}

/**
 * A title of Vega's own would rise with the labels beside it, and the titles of a row would not be level.
 * @param space pixels between the panel and its title
 */
export function titleLayer(title: string, width: number, space = 6) {
  const lines = wrapText(title, width);
  return textLayer(lines, width / 2, -space - lineHeight * (lines.length - 1));
}

/** Centred at x; y is the lower edge of the first line. */
function textLayer(text: readonly string[], x: number, y: number) {
  return {
    data: { values: [{}] },
    mark: { type: 'text', text, fontSize, lineHeight, baseline: 'bottom' },
    encoding: { x: { value: x }, y: { value: y } },
  };
}
