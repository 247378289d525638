import { stringify } from 'csv-stringify/sync';
import type { TopLevelSpec } from 'vega-lite';
import { groupBy } from '../study/grouping.js';
import { palette } from './colours.js';
import { drawCurves } from './curves.js';
import type { CurvePoint } from './summary.js';

/** What was found of one rule, by λ. */
export interface RobustnessCurve {
  /** The rule. */
  label: string;
  points: readonly { lambda: number; found?: number; bound?: number }[];
}

const solid = { dash: [], shape: 'circle' };
const dashed = { dash: [4, 2], shape: 'square' };

/**
 * The greatest |A - x̄_G|²/ρ² found of each rule over λ, and the bounds that were proved as dashed lines; rules of one bound
 * share its line. Where the axis is logarithmic 0 has no place on it, and infinity has none on any.
 *
 * @returns the figure, and its numbers as CSV
 */
export function describeRobustness(curves: readonly RobustnessCurve[]): {
  spec: TopLevelSpec;
  summary: string;
} {
  const rules = curves.map(({ label, points }, k) => ({
    series: { label, colour: palette[k % palette.length].light, ...solid },
    points: points.map(({ lambda, found }) => [lambda, found] as const),
  }));
  const bounded = curves.filter(({ points }) => points.some(({ bound }) => bound !== undefined));
  const bounds = [...groupBy(bounded, ({ points }) => points.map(({ bound }) => bound).join()).values()].map(
    (group) => ({
      series: {
        label: `bound of ${group.map(({ label }) => label).join(', ')}`,
        colour: palette[curves.indexOf(group[0]) % palette.length].light,
        ...dashed,
      },
      points: group[0].points.map(({ lambda, bound }) => [lambda, bound] as const),
    }),
  );
  const lines = [...rules, ...bounds];
  const drawn = lines.flatMap(({ series, points }): CurvePoint[] =>
    points.flatMap(([x, mean]) =>
      mean !== undefined && Number.isFinite(mean) && mean > 0
        ? [{ panel: '', series, x, mean, deviation: undefined, seeds: 1, segment: 0 }]
        : [],
    ),
  );
  const arrangement = {
    panels: [''],
    series: lines.map(({ series }) => series),
    panelOf: () => '',
    seriesOf: () => lines[0].series,
  };
  const { spec } = drawCurves(drawn, arrangement, {
    x: { name: 'lambda', title: 'λ' },
    y: { name: 'c', title: '|A - x̄|²/ρ², greatest found' },
  });
  const rows = curves.flatMap(({ label, points }) =>
    points.map(({ lambda, found, bound }) => [label, lambda, found ?? '', bound ?? '']),
  );
  return { spec, summary: stringify([['rule', 'lambda', 'found', 'bound'], ...rows]) };
}
