import type { TopLevelSpec } from 'vega-lite';
import { palette } from './colours.js';
import { drawCurves, type CurveChoices } from './curves.js';
import type { Series } from './series.js';

/** A line of a figure that is not drawn from rows of runs. */
export interface Line {
  series: Series;
  /** The title of its panel; default: the only one, without a title. */
  panel?: string;
  points: readonly { x: number; mean: number | undefined; deviation?: number; seeds?: number }[];
}

/** How a line looks: in the k-th colour, and dashed where it goes with a solid one. */
export function lineStyle(k: number, dashed = false): Omit<Series, 'label'> {
  const colour = palette[k % palette.length].light;
  return dashed ? { colour, dash: [4, 2], shape: 'square' } : { colour, dash: [], shape: 'circle' };
}

/** Panels in the order of their lines. What is not above 0, or infinite, has no place on a logarithmic axis and is left out. */
export function drawLines(lines: readonly Line[], choices: CurveChoices): TopLevelSpec {
  const points = lines.flatMap(({ series, panel = '', points }) =>
    points.flatMap(({ x, mean, deviation, seeds = 1 }) =>
      mean !== undefined && Number.isFinite(mean) && mean > 0
        ? [{ panel, series, segment: 0, x, mean, deviation, seeds }]
        : [],
    ),
  );
  const panels = [...new Set(lines.map(({ panel = '' }) => panel))];
  const series = [...new Set(lines.map((line) => line.series))];
  return drawCurves(points, { panels, series }, choices).spec;
}
