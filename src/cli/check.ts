import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { styleText } from 'node:util';
import { check, collectThresholds, unmatched, type Demand, type Outcome } from '../check/check.js';
import { describeCell, describeResult, describeValue, groupResults } from '../check/describe.js';
import type { CellResult, ThresholdResult } from '../check/evaluate.js';
import { junit, junitOfError } from '../check/junit.js';
import { significance } from '../base/statistics/welch.js';
import { isMapping, type Mapping } from '../base/mapping.js';
import { assignments } from './assignments.js';
import { writeQuantity } from '../thresholds/quantity.js';
import { parseThresholds } from '../thresholds/thresholds.js';
import { UserError } from '../base/errors.js';
import { show } from '../base/describe.js';
import { axesOf } from '../config/axes.js';
import { writtenConfig } from '../config/resolved-yaml.js';
import { parseYaml } from '../config/yaml.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { columnsOf } from '../simulation/mode.js';
import { Labels } from '../study/labels.js';
import { makeFolder, writeWhole } from '../results/files.js';
import { readStudy, type Damage } from '../study/study.js';
import type { StudyRun } from '../study/study-run.js';
import { mixedData } from '../study/same-data.js';
import { shellWord } from '../sweep/shell.js';
import type { PlannedRun } from '../sweep/sweep.js';

export interface CheckFlags {
  config?: string;
  out: string;
  threshold?: string[];
  where?: string[];
  against?: string[];
  junit?: string;
  json?: boolean;
}

/** Where outcomes go. */
export interface CheckOutput {
  json?: boolean;
  junit?: string;
}

/**
 * Holds finished runs to thresholds: those of their configs, of --config or of the command line. Exit status: 0, 1 where
 * a threshold is missed, 2 where one could not be told.
 */
export async function checkCommand(
  words: readonly string[],
  flags: CheckFlags,
  catalogue: Catalogue,
): Promise<number> {
  let outcomes: Outcome[];
  try {
    outcomes = await outcomesOf(words, flags, catalogue);
  } catch (error) {
    // Or CI would show what an earlier check had written there.
    if (error instanceof UserError) writeJunit(flags.junit, junitOfError(error.message));
    throw error;
  }
  return printOutcomes(outcomes, flags);
}

async function outcomesOf(
  words: readonly string[],
  flags: CheckFlags,
  catalogue: Catalogue,
): Promise<Outcome[]> {
  const isOverride = (word: string) => /^[A-Za-z][\w.-]*=/.test(word);
  const paths = words.filter((word) => !isOverride(word));
  const overrides = words.filter(isOverride);
  const asked = askedThresholds(flags, catalogue);
  if (flags.config !== undefined) {
    const { loadSweep } = await import('../sweep/load.js');
    const { config } = flags;
    const { name, folder, runs } = await loadSweep(config, overrides, catalogue, { out: flags.out });
    // What a study lacks that lies elsewhere is missing there.
    const [place] = paths.length === 1 && basename(resolve(paths[0])) === name ? paths : [folder];
    const planned = runs.map((run) => ({ ...run, folder: join(place, relative(folder, run.folder)) }));
    const out = dirname(place);
    return checkPlanned(planned, {
      paths: paths.length > 0 ? paths : [folder],
      thresholds: asked,
      source: config,
      words: [...overrides, ...(out === 'results' ? [] : ['--out', out])],
      catalogue,
    });
  }
  if (overrides.length > 0)
    throw new UserError(`invalid path: ${overrides[0]} (only --config FILE takes keys to change)`);
  if (paths.length === 0)
    throw new UserError(
      'missing paths: name a folder of results, such as results/figure-a, or --config FILE',
    );
  return checkFound(paths, asked, catalogue);
}

/** What is in some folders, held to the thresholds of its own configs unless others are asked for. */
function checkFound(paths: readonly string[], asked: Demand[] | undefined, catalogue: Catalogue): Outcome[] {
  const labels = new Labels(catalogue);
  const { runs, notes, unfinished, damaged, missing } = readStudy(paths);
  for (const note of notes) process.stderr.write(`byzsim: ${note}\n`);
  const lacking = [...unfinished, ...missing].map((path) => ({ path }));
  refuseMissing([...lacking, ...damaged], runs.length, 'finish them, or remove what is left of them');
  refuseMixed(runs);
  if (asked) return check(asked, runs, labels);
  const own = ownThresholds(runs, catalogue);
  if (own.length === 0) {
    throw new UserError(
      `missing thresholds: the configs of ${paths.join(', ')} have none (--config FILE takes those of a config, ` +
        "--threshold 'final.test_accuracy: mean >= 0.95' one from here)",
    );
  }
  const differ = own.some(({ hashes }) => runs.some(({ hash }) => !hashes!.has(hash)));
  if (differ) {
    process.stderr.write(
      'byzsim: not all of these runs have the same thresholds: each is held to its own (--config FILE holds all to one)\n',
    );
  }
  return check(own, runs, labels);
}

/** What `checkPlanned` looks at. */
export interface PlannedCheck {
  /** Where the results are. */
  paths: readonly string[];
  /** Instead of the configs' own. */
  thresholds?: Demand[];
  /** The file of the plan, for messages. */
  source: string;
  /** What else `byzsim sweep` takes to make the results, for messages. */
  words?: readonly string[];
  catalogue: Catalogue;
}

/**
 * Holds the runs of a config or a sweep to its thresholds; results of other runs are passed over.
 * @throws UserError where a run is missing or damaged, seeds are of different data, or there are no thresholds
 */
export function checkPlanned(
  planned: readonly Pick<PlannedRun, 'config' | 'identity' | 'seed' | 'folder'>[],
  { paths, thresholds, source, words = [], catalogue }: PlannedCheck,
): Outcome[] {
  const command = `byzsim sweep ${[source, ...words].map(shellWord).join(' ')}`;
  const demands =
    thresholds ??
    ownThresholds(
      planned.map(({ config, identity: { hash } }) => ({ hash, config, path: source })),
      catalogue,
    );
  if (demands.length === 0) throw missingThresholds(source);
  for (const path of paths) {
    if (!existsSync(path)) throw new UserError(`missing results: ${path} (${command} makes them)`);
  }
  const { runs, damaged, conflicts } = readStudy(paths);
  const found = new Map(runs.map((run) => [keyOf(run), run]));
  const wanted = planned.map(({ identity: { hash }, seed }) => keyOf({ hash, seed }));
  const finished = wanted.map((key) => found.get(key)).filter((run): run is StudyRun => run !== undefined);
  const missing = planned
    .filter((_, k) => !found.has(wanted[k]))
    .map(({ folder }) => ({ path: folder, reason: damaged.find(isOf(folder))?.reason }));
  refuseMissing(missing, finished.length, `${command} runs them`);
  for (const conflict of conflicts.filter((each) => wanted.includes(keyOf(each))))
    process.stderr.write(`byzsim: left out ${conflict.path}: ${conflict.reason}\n`);
  refuseMixed(finished);
  return check(demands, finished, new Labels(catalogue));
}

/**
 * Before anything is computed, holds the thresholds of experiments to these.
 * @throws UserError where some will be about none of them: a key or a value is misspelt, say
 */
export function requireMatches(
  planned: readonly Pick<PlannedRun, 'config' | 'identity'>[],
  source: string,
  catalogue: Catalogue,
): void {
  const experiments = [...new Map(planned.map((run) => [run.identity.hash, run]))].map(
    ([hash, { config }]) => ({ hash, config, path: source, axes: axesOf(writtenConfig(config), hash) }),
  );
  const problems = unmatched(ownThresholds(experiments, catalogue), experiments);
  if (problems.length > 0) throw new UserError(problems.join('\n'));
}

/** Why a config without thresholds cannot be checked. */
export function missingThresholds(source: string): UserError {
  return new UserError(
    `missing thresholds: ${source} has none (such as thresholds: {final.test_accuracy: ['mean >= 0.95']})`,
  );
}

function keyOf({ hash, seed }: { hash: string; seed: number }): string {
  return `${hash} ${seed}`;
}

/** The thresholds of some experiments' own configs. */
export function ownThresholds(
  experiments: readonly { hash: string; config: { thresholds?: unknown }; path: string }[],
  { modes }: Catalogue,
): Demand[] {
  const own = experiments.map(({ hash, config, path }) => ({
    hash,
    thresholds: config.thresholds,
    source: path,
  }));
  return collectThresholds(own, columnsOf(modes.values()));
}

/** Whether damage is that of a run folder, which may lie elsewhere. */
function isOf(folder: string): (damage: Damage) => boolean {
  const own = join(basename(dirname(folder)), basename(folder));
  return ({ path }) => join(basename(dirname(path)), basename(path)) === own;
}

/** @param missing runs that have not ended, or are damaged, for a reason */
function refuseMissing(missing: readonly Partial<Damage>[], finished: number, remedy: string): void {
  if (missing.length === 0) return;
  const lines = missing.map(({ path, reason }) => `\n  ${path}${reason === undefined ? '' : `: ${reason}`}`);
  const more = missing.length > 3 ? `\n  and ${missing.length - 3} more` : '';
  const [count, total] = [missing.length, missing.length + finished];
  const [have, are] = count === 1 ? ['has', 'is'] : ['have', 'are'];
  const orDamaged = missing.some(({ reason }) => reason !== undefined) ? ` or ${are} damaged` : '';
  throw new UserError(
    `missing runs: ${count} of ${total} ${have} not ended${orDamaged}; ${remedy}${lines.slice(0, 3).join('')}${more}`,
  );
}

function refuseMixed(runs: readonly StudyRun[]): void {
  const [mixed] = mixedData(runs);
  if (mixed !== undefined) throw new UserError(`mixed data: ${mixed}`);
}

/** The thresholds of --threshold with --where and --against; nothing if there are none. */
function askedThresholds(
  { threshold, where, against }: CheckFlags,
  { modes }: Catalogue,
): Demand[] | undefined {
  if (!threshold) {
    if (where ?? against)
      throw new UserError('missing --threshold: --where and --against say for which cells it is');
    return undefined;
  }
  const scope = {
    ...(where && { where: assignments(where) }),
    ...(against && { against: assignments(against) }),
  };
  const { thresholds, issues } = parseThresholds(
    threshold.map((text) => ({ ...scope, ...readThreshold(text) })),
    columnsOf(modes.values()),
  );
  if (issues.length > 0) throw new UserError(issues.map(({ message }) => message).join('\n'));
  return thresholds.map((each) => ({ threshold: each }));
}

function readThreshold(text: string): Mapping {
  const parsed = parseYaml(text);
  const value = 'faults' in parsed ? undefined : parsed.value;
  if (!isMapping(value))
    throw new UserError(
      `invalid --threshold: ${show(text)} (write it as 'final.test_accuracy: mean >= 0.95')`,
    );
  return value;
}

/**
 * Prints outcomes, a line a threshold, and writes them as JUnit XML if asked.
 * @returns the exit status
 */
export function printOutcomes(outcomes: readonly Outcome[], { json, junit: file }: CheckOutput): number {
  writeJunit(file, junit(outcomes));
  if (json) process.stdout.write(`${JSON.stringify(outcomesJson(outcomes), undefined, 2)}\n`);
  else process.stdout.write(describeOutcomes(outcomes));
  return conclude(outcomes);
}

function writeJunit(file: string | undefined, content: string): void {
  if (file === undefined) return;
  makeFolder(dirname(file));
  writeWhole(file, content);
}

/** Says on stderr what could not be told, and returns the exit status: 2 then, 1 where a threshold is missed, else 0. */
export function conclude(outcomes: readonly Outcome[]): number {
  const errors = outcomes.filter((outcome) => 'error' in outcome);
  for (const { error } of errors) process.stderr.write(`byzsim: ${error}\n`);
  if (errors.length > 0) return 2;
  return allMet(outcomes) ? 0 : 1;
}

function allMet(outcomes: readonly Outcome[]): boolean {
  return outcomes.every((outcome) => 'met' in outcome && outcome.met);
}

function describeOutcomes(outcomes: readonly Outcome[]): string {
  const told = outcomes.filter((outcome) => 'met' in outcome);
  const lines = groupResults(told).flatMap(({ scope, results }) => [
    ...(scope ? [scope] : []),
    ...results.flatMap(describeThreshold),
  ]);
  const met = told.filter((outcome) => outcome.met).length;
  lines.push(`${met} of ${outcomes.length} thresholds met${describeTests(told)}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** By which tests verdicts were told: "; better and worse by Welch's t, 5 % two-sided, each cell on its own". */
function describeTests(results: readonly ThresholdResult[]): string {
  const judged = results.flatMap(({ threshold: { test } }) => ('verdict' in test ? [test] : []));
  if (judged.length === 0) return '';
  const withNumber = judged.filter(({ by }) => by !== undefined).length;
  const sided =
    withNumber === 0
      ? 'two-sided'
      : withNumber < judged.length
        ? 'two-sided, one-sided with a number'
        : 'one-sided';
  return `; better and worse by Welch's t, ${100 * significance} % ${sided}, each cell on its own`;
}

/** The threshold's line and, under a missed one, each further cell that misses it. */
function describeThreshold(result: ThresholdResult): string[] {
  const line = `${result.met ? mark('green', '✓') : mark('red', '✗')} ${describeResult(result)}`;
  const others = result.cells.slice(1).filter(({ met }) => !met);
  return [line, ...others.map((result) => `    ${describeValue(result)} (${describeCell(result)})`)];
}

function mark(colour: 'green' | 'red', sign: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(colour, sign) : sign;
}

/** Outcomes for --json: every threshold with every cell, the worst first. */
export function outcomesJson(outcomes: readonly Outcome[]) {
  return {
    met: allMet(outcomes),
    thresholds: outcomes.map((outcome) => {
      const { threshold } = outcome;
      const { where, against, text: test } = threshold;
      const told =
        'error' in outcome
          ? { error: outcome.error }
          : { met: outcome.met, cells: outcome.cells.map(cellJson) };
      return { quantity: writeQuantity(threshold.quantity), test, where, against, ...told };
    }),
  };
}

function cellJson({ cell, counterpart, met, value, margin, welch, problem }: CellResult) {
  const named = ({ label, hash, runs }: typeof cell) => ({
    label,
    hash,
    seeds: runs.map(({ seed }) => seed),
  });
  return {
    ...named(cell),
    against: counterpart && named(counterpart),
    met,
    value,
    margin,
    ...(welch && {
      standard_error: welch.error,
      t: welch.t,
      degrees: welch.degrees,
      p: welch.p,
      sided: welch.sided,
    }),
    problem,
  };
}
