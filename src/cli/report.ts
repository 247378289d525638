import { dirname, extname, join } from 'node:path';
import { check, type Outcome } from '../check/check.js';
import { describeResult } from '../check/describe.js';
import { nameOf, scopeOf } from '../check/evaluate.js';
import { UserError } from '../base/errors.js';
import type { ThresholdLine } from '../report/html/thresholds.js';
import { makeFolder, writeWhole } from '../results/files.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { Labels } from '../study/labels.js';
import { readStudy } from '../study/study.js';
import type { StudyRun } from '../study/study-run.js';
import { writeQuantity, type Quantity } from '../thresholds/quantity.js';
import { ownThresholds } from './check.js';

export interface ReportChoices {
  output?: string;
  title?: string;
}

/**
 * Writes a report on the runs below some paths; prints its name.
 *
 * @param catalogue what the runs may have named
 * @param only which of the runs; at least one
 * @param outcomes of the thresholds that the runs were held to; default: those of their own configs
 */
export async function report(
  paths: readonly string[],
  { output, title }: ReportChoices,
  catalogue: Catalogue,
  { outcomes, only = () => true }: { outcomes?: readonly Outcome[]; only?: (run: StudyRun) => boolean } = {},
): Promise<void> {
  const file = output ?? join(paths[0], 'report.html');
  if (!['.html', '.htm'].includes(extname(file).toLowerCase())) {
    throw new UserError(`unknown format: ${extname(file) || file}; a report is an .html`);
  }
  const found = readStudy(paths);
  const study = { ...found, runs: found.runs.filter(only) };
  for (const note of study.notes) process.stderr.write(`byzsim: ${note}\n`);
  const labels = new Labels(catalogue);
  const own = () => check(ownThresholds(study.runs, catalogue), study.runs, labels);
  const told = outcomes ?? own();
  const { createReport } = await import('../report/report.js');
  const page = await createReport(study, {
    title,
    thresholds: told.map(forReport),
    targets: targetsOf(told),
    labels,
  });
  makeFolder(dirname(file));
  writeWhole(file, page);
  process.stdout.write(`${file}\n`);
}

/** Each target of some thresholds once. */
function targetsOf(outcomes: readonly Outcome[]): Quantity[] {
  const targets = outcomes.flatMap(({ threshold: { quantity } }) =>
    quantity.row === 'first' ? [[writeQuantity(quantity), quantity] as const] : [],
  );
  return [...new Map(targets).values()];
}

function forReport(outcome: Outcome): ThresholdLine {
  const { threshold } = outcome;
  const text = [nameOf(threshold), scopeOf(threshold)].filter(Boolean).join(' ');
  if ('error' in outcome) return { text, detail: outcome.reason };
  const detail = describeResult(outcome).slice(nameOf(threshold).length + 2);
  return { text, passed: outcome.met, detail };
}
