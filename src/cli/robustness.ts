import { dirname, extname } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../base/errors.js';
import { short } from '../base/format.js';
import { numberTable } from '../base/table.js';
import { kindsOf } from '../config/kinds.js';
import { catalogueOf } from '../config/modules.js';
import { resolveAggregator } from '../config/rules.js';
import { describeRobustness } from '../report/robustness.js';
import { makeFolder, writeWhole } from '../results/files.js';
import { measureRobustness, type Robustness } from '../robustness/measure.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { figureFormat, renderFigure } from './figure-file.js';
import { Interrupted, interruptible } from './interrupt.js';
import { isFile } from './rule-file.js';
import { createReporter } from './reporter.js';

export interface RobustnessFlags {
  lambda: number[];
  cases: number;
  seed: number;
  output?: string;
  json?: boolean;
  quiet?: boolean;
}

/** A rule as the command line has it, and what tables and figures call it. */
export interface NamedRule {
  word: string;
  title: string;
}

/** What is known of one rule. */
export interface Measured {
  rule: string;
  points: Robustness[];
}

/**
 * Searches for the c_λ of rules, prints a table or JSON, and draws it where asked. Exit status: 0; 1 where more was found
 * than was proved; 129, 130 or 143 when interrupted.
 */
export async function robustness(
  words: readonly string[],
  flags: RobustnessFlags,
  catalogue: Catalogue,
): Promise<number> {
  const format = flags.output === undefined ? undefined : figureFormat(flags.output);
  const rules = words.map((word) => ({ word, title: word }));
  return searched(rules, flags, catalogue, async (measured) => {
    process.stdout.write(flags.json ? toJson(measured) : tableOf(measured));
    if (format !== undefined) await draw(measured, flags.output!, format);
  });
}

/** Hands what a search found to `show`, then says which bounds are broken. Exit status: as `robustness`. */
export async function searched(
  rules: readonly NamedRule[],
  flags: Pick<RobustnessFlags, 'lambda' | 'cases' | 'seed' | 'quiet'>,
  catalogue: Catalogue,
  show: (measured: readonly Measured[]) => Promise<void>,
): Promise<number> {
  let measured: Measured[];
  try {
    measured = await search(rules, flags, catalogue);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(`byzsim: ${error.message}\n`);
    return error.exitStatus;
  }
  await show(measured);
  const broken = measured.flatMap(({ rule, points }) =>
    points
      .filter(({ found = 0, bound = Infinity }) => found > bound * (1 + 1e-6))
      .map((point) => ({ rule, ...point })),
  );
  for (const { rule, lambda, found, bound, worst } of broken)
    process.stderr.write(
      `byzsim: ${rule} exceeds its bound at λ = ${lambda}: ${short(found)} > ${short(bound)} (${worst!.attack})\n`,
    );
  return broken.length > 0 ? 1 : 0;
}

/** @throws Interrupted */
async function search(
  rules: readonly NamedRule[],
  { lambda: lambdas, cases, seed, quiet }: Pick<RobustnessFlags, 'lambda' | 'cases' | 'seed' | 'quiet'>,
  catalogue: Catalogue,
): Promise<Measured[]> {
  const read: { title: string; rule: unknown; known: Catalogue }[] = [];
  for (const { word, title } of rules) read.push({ title, ...(await readRule(word, catalogue)) });
  const reporter = await createReporter(quiet ?? false);
  const measured: Measured[] = [];
  try {
    await interruptible(async (signal) => {
      reporter.begin('searching', rules.length * lambdas.length * cases, 'case', 0);
      let done = 0;
      const onCase = () => reporter.update(done++);
      for (const { title, rule, known } of read) {
        const points: Robustness[] = [];
        for (const lambda of lambdas)
          points.push(await measureRobustness(rule, lambda, known, { cases, seed, onCase, signal }));
        measured.push({ rule: title, points });
      }
    });
  } finally {
    reporter.end();
  }
  return measured;
}

/** `cwmed`, `cwmed+ctma`, a file of one's own, or a mapping as configs write it; and a catalogue that has it. */
async function readRule(word: string, builtins: Catalogue): Promise<{ rule: unknown; known: Catalogue }> {
  const { raw, catalogue: known } = await catalogueOf({ aggregator: valueOf(word) }, builtins);
  const { issues } = resolveAggregator(raw.aggregator, kindsOf(known));
  if (issues.length > 0) throw new UserError(issues.map(({ message }) => message).join('; '));
  return { rule: raw.aggregator, known };
}

function valueOf(word: string): unknown {
  if (/[{[]|: /.test(word)) return parseYaml(word);
  if (isFile(word)) return { module: word };
  const [rule, ...meta] = word.split('+');
  return meta.length > 0 ? { rule, meta } : rule;
}

function parseYaml(word: string): unknown {
  try {
    return parse(word);
  } catch (error) {
    throw new UserError(`invalid rule: ${word} (${(error as Error).message.split('\n')[0]})`);
  }
}

/** A line for each λ; a rule that has a bound has it beside. The last line has how often each rule was tried. */
export function tableOf(measured: readonly Measured[]): string {
  const bounded = ({ points }: Measured) => points.some(({ bound }) => bound !== undefined);
  const header = measured.flatMap((one) => (bounded(one) ? [one.rule, 'bound'] : [one.rule]));
  const rows = measured[0].points.map(({ lambda }, k) => [
    String(lambda),
    ...measured.flatMap((one) => {
      const { found, bound } = one.points[k];
      return bounded(one) ? [number(found), number(bound)] : [number(found)];
    }),
  ]);
  const tries = measured.flatMap((one) => {
    const tried = one.points.reduce((sum, { tried }) => sum + tried, 0).toLocaleString('en');
    return bounded(one) ? [tried, ''] : [tried];
  });
  return numberTable([['λ', ...header], ...rows, ['tried', ...tries]]);
}

function number(value: number | undefined): string {
  return value === Infinity ? '∞' : short(value);
}

function toJson(measured: readonly Measured[]): string {
  const written = (_: string, value: unknown) => {
    if (value instanceof Float64Array) return [...value];
    return value === Infinity ? 'Infinity' : value;
  };
  return `${JSON.stringify(measured, written, 2)}\n`;
}

/** A figure, and its numbers as CSV beside it. */
export async function draw(measured: readonly Measured[], output: string, format: string): Promise<void> {
  const { spec, summary } = describeRobustness(measured.map(({ rule, points }) => ({ label: rule, points })));
  const summaryFile = `${output.slice(0, -extname(output).length)}.summary.csv`;
  makeFolder(dirname(output));
  writeWhole(output, await renderFigure(spec, format));
  writeWhole(summaryFile, summary);
  process.stderr.write(`${output}\n${summaryFile}\n`);
}
