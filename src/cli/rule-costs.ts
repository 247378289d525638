import type { RuleCost } from '../bench/rules.js';
import { numberTable } from '../base/table.js';
import { drawLines, lineStyle } from '../report/lines.js';

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
  const lines = chains.map(({ rule, inM }, k) => ({
    series: { label: rule, ...lineStyle(k) },
    points: inM.map(({ m, time }) => ({ x: m, mean: time.fastest })),
  }));
  const x = { name: 'm', title: 'm, messages' };
  const y = { name: 'milliseconds', title: 'an aggregation (ms)' };
  return drawLines(lines, { x, y, logX: true });
}
