import type { Mapping } from '../base/mapping.js';
import { textTable } from '../base/table.js';
import type { Verdict } from '../properties/hold.js';
import type { Messages } from '../properties/case.js';
import type { Mismatch } from '../properties/property.js';
import type { Named, Rule } from '../properties/rule.js';

/** A row a property, then a counter-example of each that does not hold; of those with one and the same error, once. */
export function formatVerdicts({ weighted }: Rule, verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ name, verdict, states, reason = states }) => [name, verdict, reason]);
  const failing = new Map<string, { names: string[]; found: Mismatch }>();
  for (const { name, counterExample: found } of verdicts) {
    if (!found) continue;
    const key = typeof found.result === 'string' ? found.result : name;
    const alike = failing.get(key);
    if (alike) alike.names.push(name);
    else failing.set(key, { names: [name], found });
  }
  return [
    textTable(rows),
    ...[...failing.values()].map(({ names: [first, ...others], found }) => {
      const too =
        others.length > 3
          ? `, nor do ${others.length} others`
          : others.map((name) => `, nor does ${name}`).join('');
      return `\n${first} does not hold${too}:\n${example(found, weighted)}`;
    }),
  ].join('');
}

function example({ messages, change, result, expected }: Mismatch, weighted: boolean): string {
  const lines = [
    ...(messages ? written(messages, weighted) : []),
    ...(change === undefined ? [] : [['change', change]]),
    ['result', vector(result)],
    ['expected', vector(expected)],
  ];
  return textTable(lines.map(([key, value]) => [`  ${key}`, value]));
}

function written({ rows, weights, f }: Messages, weighted: boolean): string[][] {
  return [
    ...rows.map((row, i) => [i === 0 ? 'messages' : '', vector(row)]),
    ...(weighted && weights.some((weight) => weight !== 1) ? [['weights', weights.join(', ')]] : []),
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
