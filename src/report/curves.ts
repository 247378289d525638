import type { TopLevelSpec } from 'vega-lite';
import { textWidth } from './font.js';
import { columnTitle, isFraction } from './labels.js';
import { scaleFor, type Scale } from './scale.js';
import type { Arrangement, Series } from './series.js';
import type { CurvePoint } from './summary.js';
import { fontSize, theme } from './theme.js';

/** Pixels. Two panels beside each other are as wide as one. */
const single = { width: 265, height: 165 };
const small = { width: 125, height: 105 };

/** Mean lines with a band of one deviation on either side; a panel for each of the arrangement's. */
export function curvesSpec(
  points: readonly CurvePoint[],
  { panels, series }: Arrangement,
  { x, y }: { x: string; y: string },
): TopLevelSpec {
  const columns = Math.min(panels.length, 2);
  const size = columns > 1 ? small : single;
  const scale = scaleFor(y, points);
  const xScale = { domain: [0, Math.max(...points.map((point) => point.x))], nice: false };
  const layers = curveLayers(series);
  return {
    config: theme,
    columns,
    spacing: { row: 12, column: 12 },
    concat: panels.map((panel, k) => {
      const leftmost = k % columns === 0;
      const lowest = k + columns >= panels.length;
      const xAxis = {
        title: lowest ? columnTitle(x) : null,
        tickCount: columns > 1 ? 4 : 5,
        grid: false,
        labelSeparation: 6,
      };
      const yAxis = { title: leftmost ? columnTitle(y) : null, labels: leftmost, tickCount: 5 };
      return {
        ...size,
        data: {
          values: points.filter((point) => point.panel === panel).map((point) => datum(point, y, scale)),
        },
        encoding: {
          x: { field: 'x', type: 'quantitative', scale: xScale, axis: xAxis },
          y: { type: 'quantitative', scale: { ...scale, nice: false }, axis: yAxis },
        },
        layer: [...(panel === '' ? [] : [titleLayer(panel, size.width)]), ...layers],
      };
    }),
  };
}

/** A point in the unit of the axis. A logarithmic axis has no place for a band's edge at 0 or below. */
function datum({ series, x, mean, deviation }: CurvePoint, column: string, { type, domain }: Scale): object {
  const unit = isFraction(column) ? 100 : 1;
  if (deviation === undefined) return { series: series.label, x, mean: unit * mean };
  const low = unit * (mean - deviation);
  return {
    series: series.label,
    x,
    mean: unit * mean,
    low: type === 'log' ? Math.max(low, domain[0]) : low,
    high: unit * (mean + deviation),
  };
}

/** A title of Vega's own would rise with the labels beside it, and the titles of a row would not be level. */
function titleLayer(text: string, width: number) {
  return {
    data: { values: [{}] },
    mark: { type: 'text' as const, text, fontSize, baseline: 'bottom' as const },
    encoding: { x: { value: width / 2 }, y: { value: -6 } },
  };
}

function curveLayers(series: readonly Series[]) {
  const domain = series.map(({ label }) => label);
  const legend = series.length > 1 ? { columns: legendColumns(domain) } : null;
  const bySeries = { field: 'series', type: 'nominal' as const };
  const color = { ...bySeries, scale: { domain, range: series.map(({ colour }) => colour) } };
  const strokeDash = { ...bySeries, scale: { domain, range: series.map(({ dash }) => [...dash]) }, legend };
  return [
    {
      mark: { type: 'area' as const, clip: true, opacity: 0.18 },
      encoding: { y: { field: 'low' }, y2: { field: 'high' }, color },
    },
    {
      mark: { type: 'line' as const, clip: true, strokeWidth: 1.5 },
      encoding: { y: { field: 'mean' }, color: { ...color, legend }, strokeDash },
    },
  ];
}

/** As many entries beside each other as the figure is wide, in rows that are equally full. */
function legendColumns(labels: readonly string[]): number {
  const sample = 40; // the line before the label, and the space around
  const widest = Math.max(...labels.map((label) => textWidth(label, fontSize)));
  const most = Math.max(1, Math.floor((single.width + 40) / (widest + sample)));
  return Math.ceil(labels.length / Math.ceil(labels.length / most));
}
