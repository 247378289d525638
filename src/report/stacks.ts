import { max } from 'd3-array';
import type { TopLevelSpec } from 'vega-lite';
import { labelPalette } from './colours.js';
import { textWidth } from './font.js';
import { counted } from './html/markup.js';
import { axisTicks, titleLayer } from './panel.js';
import { legendSentence } from './sentences.js';
import { figureWidth, fontSize, lineHeight, padding, theme } from './theme.js';
import { linearTicks, spacedTicks, type Ticks } from './ticks.js';

/** What the workers of one split have. */
export interface ShardsPanel {
  title: string;
  /** Inputs of each label, by worker. */
  shards: readonly (readonly number[])[];
  /** What the labels are called. */
  names: readonly string[];
  /** How many workers, those with the last ids, are Byzantine. */
  byzantine: number;
}

/** Pixels. */
const height = 120;
const titleHeight = fontSize + 4; // with what is beside it
const tickLength = 5; // with what is between tick and label
const overhang = 6; // of the last number of the x axis
const markHeight = 4;
/** A bar that is narrower has no room for the lines that part its labels. */
const narrow = 8;
/** Characters of a name that a legend has. */
const longestName = 24;
/** Pixels of the legend's title, and of each entry's symbol with what is around it. */
const besideLegend = 40;
const besideEntry = 28;
/** As many bars as the column of a paper has room for; more get a figure as wide as its page. */
const fewWorkers = 40;

/** A bar for each worker, of its inputs by label, in panels below each other; Byzantine workers are marked. */
export function drawShards(panels: readonly ShardsPanel[]): TopLevelSpec {
  const workers = max(panels, ({ shards }) => shards.length)!;
  const classes = max(panels, ({ shards }) => max(shards, (counts) => counts.length))!;
  const tops = panels.map(({ shards }) => max(shards, total)!);
  const ticks = tops.map((top) => linearTicks([0, top], 4));
  const besides =
    tickLength + max(ticks, ({ labels }) => max(labels, (label) => textWidth(label, fontSize)))!;
  const whole = workers > fewWorkers ? 2 * figureWidth : figureWidth;
  const width = Math.floor(whole - 2 * padding - titleHeight - besides - overhang);
  const names = namesOf(panels, classes);
  const spec = {
    config: theme,
    description: `Training inputs by worker and label; ${counted(panels.length, 'panel')}: ${panels.map(({ title }) => title).join('; ')}.`,
    columns: 1,
    spacing: 12,
    concat: panels.map(({ title, shards, byzantine }, k) => ({
      width,
      height,
      encoding: {
        x: {
          type: 'quantitative',
          scale: { domain: [0.5, shards.length + 0.5], nice: false, zero: false },
          axis: {
            title: k === panels.length - 1 ? 'worker' : null,
            grid: false,
            ...axisTicks(workerTicks(shards.length, width)),
          },
        },
        y: {
          type: 'quantitative',
          scale: { domain: [0, tops[k]], nice: false },
          axis: { title: 'training inputs', minExtent: besides, ...axisTicks(ticks[k]) },
        },
      },
      layer: [
        titleLayer(title, width, byzantine > 0 ? markHeight + 2 + lineHeight : undefined),
        ...(byzantine > 0 ? byzantineMark(shards.length, byzantine) : []),
        barLayer(shards, names, width / shards.length, whole),
      ],
    })),
  };
  return spec as unknown as TopLevelSpec;
}

function barLayer(
  shards: ShardsPanel['shards'],
  names: readonly string[],
  barWidth: number,
  figureWidth: number,
): object {
  const columns = Math.floor((figureWidth - besideLegend) / (widestOf(names) + besideEntry));
  const values = shards.flatMap((counts, k) => {
    let low = 0;
    return counts.flatMap((inputs, label) => {
      const segment = { left: k + 0.6, right: k + 1.4, low, high: (low += inputs), label: String(label) };
      return inputs === 0 ? [] : [segment];
    });
  });
  return {
    data: { values },
    mark: { type: 'rect', aria: false, ...(barWidth >= narrow && { stroke: 'white', strokeWidth: 0.5 }) },
    encoding: {
      x: { field: 'left' },
      x2: { field: 'right' },
      y: { field: 'low' },
      y2: { field: 'high' },
      fill: {
        field: 'label',
        type: 'nominal',
        scale: {
          domain: names.map((_, label) => String(label)),
          range: names.map((_, label) => labelColour(label)),
        },
        legend: {
          title: 'label',
          titleOrient: 'left',
          titleFontSize: fontSize,
          titleFontWeight: 'normal',
          description: legendSentence(names),
          symbolType: 'square',
          symbolSize: 60,
          symbolStrokeWidth: 0,
          rowPadding: 2,
          columns: Math.max(1, Math.min(names.length, 10, columns)),
          // Names may be equal once they are shortened; numbers are not.
          labelExpr: `${JSON.stringify(names)}[datum.value]`,
        },
      },
    },
  };
}

/** What labels are called, if panels agree; numbers else. */
function namesOf(panels: readonly ShardsPanel[], classes: number): string[] {
  return Array.from({ length: classes }, (_, label) => {
    const called = new Set(panels.flatMap(({ names }) => names[label] ?? []));
    const [name] = called.size === 1 ? called : [String(label)];
    return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
  });
}

function widestOf(names: readonly string[]): number {
  return max(names, (name) => textWidth(name, fontSize))!;
}

function labelColour(label: number): string {
  return labelPalette[label % labelPalette.length].light;
}

/** A line above the bars of the workers that are Byzantine, and the word. */
function byzantineMark(workers: number, byzantine: number): object[] {
  const span = { left: workers - byzantine + 0.6, right: workers + 0.4 };
  return [
    {
      data: { values: [span] },
      mark: { type: 'rule', stroke: '#888888', strokeWidth: 2 },
      encoding: { x: { field: 'left' }, x2: { field: 'right' }, y: { value: -markHeight } },
    },
    {
      data: { values: [span] },
      mark: { type: 'text', text: 'Byzantine', fontSize, align: 'right', baseline: 'bottom' },
      encoding: { x: { field: 'right' }, y: { value: -markHeight - 2 } },
    },
  ];
}

/** Every worker where there is room, or else round numbers and the first. */
function workerTicks(workers: number, width: number): Ticks {
  const all = Array.from({ length: workers }, (_, k) => k + 1);
  const room = width / workers;
  if (textWidth(String(workers), fontSize) + 3 <= room) return { values: all, labels: all.map(String) };
  const { values } = spacedTicks(workers, width, true);
  const shown = [1, ...values.filter((value) => value > 1)];
  return { values: shown, labels: shown.map(String) };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
