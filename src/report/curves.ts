import { max, min } from 'd3-array';
import type { Column } from '../simulation/columns.js';
import type { TopLevelSpec } from 'vega-lite';
import { isLogarithmic, isOutside, yScales, yTicks } from './scale.js';
import type { Arrangement } from './series.js';
import { drawnPoint } from './drawn.js';
import { layOut, type Abscissa } from './layout.js';
import { legendOf } from './legend.js';
import { checkLimits, type Limits } from './limits.js';
import { panelSpec } from './panel.js';
import { isRun, lineParts } from './parts.js';
import { curvesSentence } from './sentences.js';
import type { CurvePoint } from './summary.js';
import { theme } from './theme.js';

export interface CurveChoices {
  /** Columns of metrics.csv. */
  x: Column;
  y: Column;
  limits?: Limits;
  /** Whether all panels have the same y axis; as suits the curves where it is left out. */
  sharedY?: boolean;
  /** Whether the x axis is logarithmic, where it has a length; all of it above 0 then. */
  logX?: boolean;
}

export interface Curves {
  spec: TopLevelSpec;
  /** How many points lie beyond a linear y axis, or their bands do. */
  outside: number;
}

/**
 * Mean lines with a band of one deviation to either side; a panel for each of the arrangement's.
 * @throws UserError for limits that leave nothing to see
 */
export function drawCurves(
  points: readonly CurvePoint[],
  { panels, series }: Pick<Arrangement, 'panels' | 'series'>,
  { x, y, limits = {}, sharedY, logX }: CurveChoices,
): Curves {
  const drawn = panels.map((title) =>
    points.filter(({ panel }) => panel === title).map((point) => drawnPoint(y, point)),
  );
  const means = drawn.flat().map(({ mean }) => mean);
  checkLimits(y, limits, means, isLogarithmic(y, means));
  const scales = yScales(y, drawn, limits, sharedY);
  const shared = new Set(scales.map(({ domain }) => domain.join())).size === 1;
  const ticks = scales.map((scale) => yTicks(y, scale));
  const numbers = ticks.map(({ labels }, k) => (shared && k > 0 ? [] : labels));
  const [first, last] = [min(points, (point) => point.x) ?? 0, max(points, (point) => point.x) || 1];
  const isLog = logX === true && first < last;
  const abscissa: Abscissa = {
    start: isLog ? first : 0,
    end: last,
    type: isLog ? 'log' : 'linear',
    integer: x.name === 'update',
  };
  const layout = layOut(numbers, abscissa);
  const lines = drawn.flatMap(lineParts).some(isRun);
  const legend = legendOf(series, lines);
  const spec = {
    config: theme,
    description: curvesSentence({ x, y }, panels, series),
    columns: layout.columns,
    spacing: layout.gap,
    concat: panels.map((title, k) =>
      panelSpec(drawn[k], {
        ...{ title, x, y, abscissa, layout, series, legend, lines },
        scale: scales[k],
        yTicks: ticks[k],
        leftmost: k % layout.columns === 0,
        lowest: k + layout.columns >= panels.length,
        numbered: k % layout.columns === 0 || !shared,
      }),
    ),
  };
  const outside = drawn.flatMap((these, k) =>
    these.filter((point) => scales[k].type === 'linear' && isOutside(point, scales[k])),
  ).length;
  return { spec: spec as unknown as TopLevelSpec, outside };
}
