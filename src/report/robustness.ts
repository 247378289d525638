import { stringify } from 'csv-stringify/sync';
import type { TopLevelSpec } from 'vega-lite';
import { groupBy } from '../study/grouping.js';
import { drawLines, lineStyle } from './lines.js';

/** What was found of one rule, by λ. */
export interface RobustnessCurve {
  /** The rule. */
  label: string;
  points: readonly { lambda: number; found?: number; bound?: number }[];
}

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
    series: { label, ...lineStyle(k) },
    points: points.map(({ lambda, found }) => ({ x: lambda, mean: found })),
  }));
  const bounded = curves.filter(({ points }) => points.some(({ bound }) => bound !== undefined));
  const shared = groupBy(bounded, ({ points }) => points.map(({ bound }) => bound).join());
  const bounds = [...shared.values()].map((group) => ({
    series: {
      label: `bound of ${group.map(({ label }) => label).join(', ')}`,
      ...lineStyle(curves.indexOf(group[0]), true),
    },
    points: group[0].points.map(({ lambda, bound }) => ({ x: lambda, mean: bound })),
  }));
  const spec = drawLines([...rules, ...bounds], {
    x: { name: 'lambda', title: 'λ' },
    y: { name: 'c', title: '|A - x̄|²/ρ², greatest found' },
  });
  const rows = curves.flatMap(({ label, points }) =>
    points.map(({ lambda, found, bound }) => [label, lambda, found ?? '', bound ?? '']),
  );
  return { spec, summary: stringify([['rule', 'lambda', 'found', 'bound'], ...rows]) };
}
