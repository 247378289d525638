import type { ChangingCost } from '../bench/changing.js';
import { numberTable } from '../base/table.js';
import { palette } from '../report/colours.js';
import { drawLines, lineStyle, type Line } from '../report/lines.js';

/** Milliseconds of an aggregation after one message has changed: a table a rule, with how they grow and what is kept. */
export function describeChangingCosts(costs: readonly ChangingCost[]): string {
  const tables = costs.map(({ rule, sizes, growth, left }) => {
    const column = (label: string, cells: (string | undefined)[], exponent?: number) => [
      label,
      ...cells.map((cell) => cell ?? ''),
      exponent?.toFixed(2) ?? '',
    ];
    const lines = [
      column(
        'whole',
        sizes.map(({ whole }) => milliseconds(whole)),
        growth.whole,
      ),
      column(
        'kept',
        sizes.map(({ kept }) => milliseconds(kept)),
        growth.kept,
      ),
      column(
        'times faster',
        sizes.map(({ whole, kept }) => (whole ? (whole / kept).toPrecision(3) : undefined)),
      ),
      column(
        'one pass over all',
        sizes.map(({ pass }) => milliseconds(pass)),
      ),
      column(
        'GB/s of it',
        sizes.map(({ bandwidth }) => (bandwidth / 1e9).toFixed(1)),
      ),
      column(
        'messages, MB',
        sizes.map(({ messages }) => (messages / 1e6).toFixed(0)),
      ),
      column(
        'kept of them, MB',
        sizes.map(({ memory }) => (memory / 1e6).toFixed(0)),
      ),
    ];
    const notes = left.map((note) => `left out: ${note}\n`).join('');
    return numberTable([[rule, ...sizes.map(({ m }) => `m = ${m}`), 'm^'], ...lines]) + notes;
  });
  return (
    `\nOne message of m has changed: time of an aggregation in ms, one thread, d = ${costs[0].d}; ` +
    'm^ from m = 100 on\n\n' +
    tables.join('\n')
  );
}

function milliseconds(time: number | undefined): string {
  return time === undefined ? '' : time.toPrecision(3);
}

/**
 * Time of an aggregation after one message has changed, and what is kept for it, against m, all in logarithms; beside
 * the messages themselves: reading them once, and their size.
 */
export function drawChangingCosts(costs: readonly ChangingCost[]) {
  const rules = costs.map(({ rule, sizes }, k) => ({
    series: { label: rule, ...lineStyle(k, k >= palette.length) },
    sizes,
  }));
  const most = [...costs].sort((a, b) => b.sizes.length - a.sizes.length)[0].sizes;
  const messages = { label: 'the messages alone, read once', ...lineStyle(2, true) };
  const lines: Line[] = [
    ...rules.flatMap(({ series, sizes }) => [
      { series, panel: panels.time, points: sizes.map(({ m, kept }) => ({ x: m, mean: kept })) },
      { series, panel: panels.memory, points: sizes.map(({ m, memory }) => ({ x: m, mean: memory / 1e6 })) },
    ]),
    { series: messages, panel: panels.time, points: most.map(({ m, pass }) => ({ x: m, mean: pass })) },
    {
      series: messages,
      panel: panels.memory,
      points: most.map((size) => ({ x: size.m, mean: size.messages / 1e6 })),
    },
  ];
  const x = { name: 'm', title: 'm, messages' };
  return drawLines(lines, { x, y: { name: 'cost', title: 'ms, or MB' }, logX: true, sharedY: false });
}

const panels = { time: 'time of an aggregation (ms)', memory: 'kept of the messages (MB)' };
