import { textTable } from '../base/table.js';
import type { Verdict } from '../properties/hold.js';
import type { Messages } from '../properties/case.js';
import type { Mismatch } from '../properties/property.js';
import type { Named, Rule } from '../properties/rule.js';

/** A row a property, then a counter-example of each that does not hold. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ name, states, verdict, reason = states }) => [name, verdict, reason]);
  const failing = verdicts.filter(({ counterExample }) => counterExample !== undefined);
  return [
    textTable(rows),
    ...failing.map(({ name, counterExample }) => `\n${name} does not hold:\n${example(counterExample!)}`),
  ].join('');
}

function example({ messages, change, result, expected }: Mismatch): string {
  const lines = [
    ...(messages ? written(messages) : []),
    ...(change === undefined ? [] : [['change', change]]),
    ['result', vector(result)],
    ['expected', vector(expected)],
  ];
  return textTable(lines.map(([key, value]) => [`  ${key}`, value]));
}

function written({ rows, weights, f }: Messages): string[][] {
  return [
    ...rows.map((row, i) => [i === 0 ? 'messages' : '', vector(row)]),
    ...(weights.some((weight) => weight !== 1) ? [['weights', weights.join(', ')]] : []),
    ['f', String(f)],
  ];
}

function vector(value: readonly number[] | string): string {
  return typeof value === 'string' ? value : `[${value.join(', ')}]`;
}

/** Numbers that are not finite, which JSON has not, are text. */
export function verdictsAsJson(
  { name, parameters }: Named,
  { weighted }: Rule,
  verdicts: readonly Verdict[],
): string {
  const finite = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  const found = verdicts.map(({ counterExample, ...verdict }) => ({
    ...verdict,
    ...(counterExample && { counterExample: flat(counterExample) }),
  }));
  return `${JSON.stringify({ rule: name, parameters, weighted, properties: found }, finite, 2)}\n`;
}

/** Without what a property may do to a case and did not. */
function flat({ messages, ...rest }: Mismatch): object {
  if (messages === undefined) return rest;
  const { rows, weights, workers, f, lambda } = messages;
  return { vectors: rows, weights, workers, f, lambda, ...rest };
}
