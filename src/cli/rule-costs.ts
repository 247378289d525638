import type { RuleCost } from '../bench/rules.js';
import { numberTable } from '../base/table.js';
import { palette } from '../report/colours.js';
import { drawCurves } from '../report/curves.js';

/** Milliseconds of one aggregation: a line a rule, with how they grow. */
export function describeRuleCosts(costs: readonly RuleCost[], dimension: number, m: number): string {
  const sizes = [...new Set(costs.flatMap(({ inM }) => inM.map((size) => size.m)))];
  const lines = costs.map(({ rule, inM, growthInM, growthInD }) => [
    rule,
    ...sizes.map((size) => milliseconds(inM.find((timed) => timed.m === size)?.time.fastest)),
    growthInM?.toFixed(2) ?? '-',
    growthInD?.toFixed(2) ?? '-',
  ]);
  const notes = costs.flatMap(({ rule, left }) => (left === undefined ? [] : [`${rule}: ${left}\n`]));
  return (
    `\nRules: fastest time of an aggregation in ms, one thread, d = ${dimension}; d^ at m = ${m}\n\n` +
    numberTable([['rule', ...sizes.map((size) => `m = ${size}`), 'm^', 'd^'], ...lines]) +
    (notes.length > 0 ? `\nNot timed at all m:\n${notes.join('')}` : '')
  );
}

function milliseconds(time: number | undefined): string {
  return time === undefined ? '' : time.toPrecision(3);
}

/** Times of the median with and without meta-aggregators against m, both in logarithms. */
export function drawRuleCosts(costs: readonly RuleCost[]) {
  const chains = costs.filter(({ rule }) => /^cwmed\b/.test(rule));
  const series = chains.map(({ rule }, k) => ({
    label: rule,
    colour: palette[k % palette.length].light,
    dash: [],
    shape: 'circle',
  }));
  const points = chains.flatMap(({ inM }, k) =>
    inM.map(({ m, time }) => ({
      panel: '',
      series: series[k],
      segment: 0,
      x: m,
      mean: time.fastest,
      deviation: undefined,
      seeds: 1,
    })),
  );
  const arrangement = { panels: [''], series, panelOf: () => '', seriesOf: () => series[0] };
  const x = { name: 'm', title: 'm, messages' };
  const y = { name: 'time_loss', title: 'an aggregation (ms)' };
  return drawCurves(points, arrangement, { x, y, logX: true }).spec;
}
