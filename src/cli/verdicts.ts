import type { Mapping } from '../base/mapping.js';
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

/** What stands for a number of a message that is not finite until JSON has it as requests do. */
const notFinite = ' not finite ';

/**
 * Counter-examples have a `request` that `byzsim aggregate` takes. Numbers that are not finite, which JSON has not, are
 * 1e999 in it, and text elsewhere.
 *
 * @param asked the rule as a config has it
 */
export function verdictsAsJson(
  { name, parameters }: Named,
  asked: Mapping,
  { weighted, meta }: Rule,
  verdicts: readonly Verdict[],
): string {
  const aggregator = (f: number) => {
    const rule = { ...asked, ...('f' in asked && { f }) };
    return meta ? { rule: 'mean', meta: [rule] } : rule;
  };
  const request = ({ rows, weights, f, lambda }: Messages) => ({
    aggregator: aggregator(f),
    vectors: rows.map((row) => row.map((number) => (Number.isFinite(number) ? number : notFinite))),
    ...(weighted && { weights }),
    byzantine: f,
    lambda,
  });
  const example = ({ messages, ...rest }: Mismatch) =>
    messages === undefined ? rest : { request: request(messages), workers: messages.workers, ...rest };
  const found = verdicts.map(({ counterExample, ...verdict }) => ({
    ...verdict,
    ...(counterExample && { counterExample: example(counterExample) }),
  }));
  const asText = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  const text = JSON.stringify({ rule: name, parameters, weighted, properties: found }, asText, 2);
  return `${text.replaceAll(`"${notFinite}"`, '1e999')}\n`;
}
