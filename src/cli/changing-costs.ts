import type { ChangingCost } from '../bench/changing.js';
import { numberTable } from '../base/table.js';

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
