import type { DrawnPoint } from './drawn.js';
import { bandParts, isRun, isSingle, lineParts, type Part } from './parts.js';
import { type Series } from './series.js';
import { groupBy } from '../study/grouping.js';

/** Pixels, and square pixels. */
const lineWidth = 1.6; // on average
const mostNarrower = 0.25;
const greatestDifference = 0.75;
const barWidth = 6;
const symbolArea = 24;

const bandOpacity = 0.18;

export interface Layering {
  /** Those of the figure, so that its panels agree. */
  series: readonly Series[];
  /** Whether a part of some curve lies beyond the axes. */
  clip: boolean;
  /** Of a figure; nothing for a single series. */
  legend: object | null;
  /** Whether the legend shows lines, as it does if there is any, or symbols. */
  lines: boolean;
  /** What readers hear of a curve. */
  describe: (curve: readonly DrawnPoint[]) => string;
}

/**
 * The marks of a panel: lines on bands. A point that no line leads to is a symbol, and its band a bar. There is no mark
 * for what is not there; a single seed has no band.
 */
export function curveLayers(points: readonly DrawnPoint[], layering: Layering): object[] {
  if (points.length === 0) return emptyLayers;
  const { series: all, clip, describe } = layering;
  const curves = [...groupBy(points, ({ series }) => series).values()];
  const sentences = new Map(curves.map((curve) => [curve[0].series, describe(curve)]));
  const datum = (part: number) => {
    return ({ series, x, mean, low, high }: DrawnPoint) => ({
      ...{ x, mean, low, high, part },
      series: series.label,
      shape: series.shape,
      width: widthOf(all.indexOf(series), all.length),
      description: sentences.get(series),
    });
  };
  const layer = (parts: readonly Part[], mark: object, encoding: object) => {
    if (parts.length === 0) return [];
    const values = parts.flatMap((part, k) => part.map(datum(k)));
    return [{ data: { values }, mark: { clip, ...mark }, encoding }];
  };

  const { color, strokeDash, shape } = seriesChannels(layering);
  const detail = { field: 'part' };
  const strokeWidth = { field: 'width', type: 'quantitative', scale: null };
  const mean = { y: { field: 'mean' }, color, description: { field: 'description' } };
  const band = { y: { field: 'low' }, y2: { field: 'high' }, color };
  const pale = { aria: false, opacity: bandOpacity };
  const lines = lineParts(points);
  const bands = lines.flatMap(bandParts);
  return [
    ...layer(bands.filter(isRun), { type: 'area', ...pale }, { ...band, detail }),
    ...layer(bands.filter(isSingle), { type: 'rule', strokeWidth: barWidth, ...pale }, band),
    ...layer(lines.filter(isRun), { type: 'line' }, { ...mean, strokeDash, strokeWidth, detail }),
    ...layer(lines.filter(isSingle), symbol, { ...mean, shape }),
  ];
}

const symbol = { type: 'point', filled: true, size: symbolArea, opacity: 1 };

/** Axes are there only where a mark asks for them. */
const emptyLayers = [
  { data: { values: [] }, mark: { type: 'point', aria: false }, encoding: { y: { field: 'mean' } } },
];

function seriesChannels({ series, legend, lines }: Layering) {
  const domain = series.map(({ label }) => label);
  const channel = (range: unknown[]) => ({
    field: 'series',
    type: 'nominal',
    scale: { domain, range },
    legend,
  });
  return {
    color: channel(series.map(({ colour }) => colour)),
    strokeDash: channel(series.map(({ dash }) => dash)),
    shape: lines
      ? { field: 'shape', type: 'nominal', scale: null }
      : channel(series.map(({ shape }) => shape)),
  };
}

/** Each line is a little narrower than the one below it, which shows beside it where curves coincide. */
function widthOf(k: number, count: number): number {
  const step = Math.min(mostNarrower, greatestDifference / Math.max(1, count - 1));
  return lineWidth + step * ((count - 1) / 2 - k);
}
