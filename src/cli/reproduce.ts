import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearest } from '../base/suggest.js';
import { UserError } from '../base/errors.js';
import { describeOverheads, overheads } from '../check/overhead.js';
import { writeWhole } from '../results/files.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { Labels } from '../study/labels.js';
import { readStudy } from '../study/study.js';
import type { StudyRun } from '../study/study-run.js';
import { loadSweep } from '../sweep/load.js';
import { checkPlanned, printOutcomes } from './check.js';
import { draw } from './plot.js';
import { describeRates, minima, rateFiles, ratesOf, type RateRun } from '../report/rates.js';
import { report } from './report.js';
import { sweep } from './sweep.js';
import type { SweepFlags } from './sweep-flags.js';
import { reproduceTableOne, tableOneStudy } from './table-one.js';

export interface ReproduceFlags extends Omit<SweepFlags, 'force' | 'json' | 'check'> {
  dataset: 'mnist' | 'cifar10';
  seeds?: number;
}

/**
 * Sweeps by study and data set: figure-a on mnist is figure-a-mnist.yaml, figure-a-seeds is figure-a-mnist-seeds.yaml; one
 * with data of its own is called as its file, rates-quadratic.
 */
const sweeps = fileURLToPath(new URL('../../configs/paper/', import.meta.url));

/** Studies of what it costs to get to a test accuracy, and that accuracy. */
const levels: Readonly<Record<string, number>> = { 'byzsgd-baselines': 0.95 };

/** A sweep of configs/paper. */
interface PaperSweep {
  /** figure-a-seeds */
  study: string;
  /** Absent: its own. */
  dataset?: string;
  file: string;
}

/**
 * Runs what a study of a paper lacks, draws and reports it, and holds it to the paper's claim; a name that several studies
 * begin with stands for all of them, one after the other. Exit status: 0; 1 if a claim does not hold or a run did not end
 * well; 2 if it could not be told; 129, 130 or 143 when interrupted.
 */
export async function reproduce(
  name: string,
  overrides: readonly string[],
  given: ReproduceFlags,
  catalogue: Catalogue,
): Promise<number> {
  if (name === tableOneStudy) return reproduceTableOne(overrides, given, catalogue);
  const { dataset, seeds, ...flags } = given;
  const words = [...overrides, ...(seeds === undefined ? [] : [`seeds=[${firstSeeds(seeds).join(',')}]`])];
  let worst = 0;
  for (const found of sweepsOf(name, dataset)) {
    const status = await reproduceOne(found, words, flags, catalogue);
    worst = Math.max(worst, status);
    if (status > 2) break;
  }
  return worst;
}

async function reproduceOne(
  { study, file }: PaperSweep,
  words: string[],
  flags: Omit<ReproduceFlags, 'dataset' | 'seeds'>,
  catalogue: Catalogue,
): Promise<number> {
  const status = await sweep(file, words, flags, catalogue);
  if (status > 1 || flags.dryRun) return status;

  const { folder, runs, figures } = await loadSweep(file, words, catalogue, { out: flags.out });
  // Runs of other plans may lie in the folder: of fewer updates, for a try.
  const planned = new Map(runs.map(({ identity, seed }, k) => [`${identity.hash} ${seed}`, k]));
  const place = ({ hash, seed }: StudyRun) => planned.get(`${hash} ${seed}`);
  const only = (run: StudyRun) => place(run) !== undefined;
  const several = new Set(runs.map((run) => run.seed)).size > 1;
  const claimed = runs.some(({ config }) => config.thresholds !== undefined);
  const outcomes = claimed && several ? checkPlanned(runs, { paths: [folder], source: file, catalogue }) : [];
  for (const { name, ...figure } of figures) {
    const file = join(folder, `${name}.svg`);
    try {
      await draw([folder], file, { ...figure, only }, catalogue);
    } catch (error) {
      // Overrides may leave a figure nothing to show.
      if (!(error instanceof UserError)) throw error;
      process.stderr.write(`byzsim: did not draw ${file}: ${error.message}\n`);
    }
  }
  await report([folder], {}, catalogue, { outcomes, only });
  const done = readStudy([folder])
    .runs.filter(only)
    .toSorted((a, b) => place(a)! - place(b)!);
  if (Object.hasOwn(minima, study)) {
    const rates = ratesOf(done as unknown as RateRun[], minima[study], catalogue);
    process.stdout.write(describeRates(rates));
    for (const [name, content] of Object.entries(await rateFiles(rates)))
      writeWhole(join(folder, name), content);
  }
  if (Object.hasOwn(levels, study)) {
    const level = levels[study];
    process.stdout.write(describeOverheads(overheads(done, level, new Labels(catalogue)), level));
  }
  if (!claimed) return status;
  if (several) return Math.max(status, printOutcomes(outcomes, {}));
  process.stderr.write("byzsim: the paper's claim was not tested: that needs two seeds or more\n");
  return status;
}

/** Those of a name: the one study that has it, or all that begin with it. */
function sweepsOf(name: string, dataset: string): PaperSweep[] {
  const known = readdirSync(sweeps).flatMap((file): PaperSweep[] => {
    const [, base, data, kind = ''] = /^(.+?)(?:-(mnist|cifar10)(-.+)?)?\.yaml$/.exec(file) ?? [];
    return base ? [{ study: base + kind, dataset: data, file: join(sweeps, file) }] : [];
  });
  const exact = known.filter(({ study }) => study === name);
  const meant = exact.length > 0 ? exact : known.filter(({ study }) => study.startsWith(`${name}-`));
  const found = meant.filter((each) => (each.dataset ?? dataset) === dataset);
  if (found.length > 0) return found;
  if (meant.length > 0)
    throw new UserError(`unknown study: ${name} on ${dataset} (it is there on ${meant[0].dataset})`);
  const studies = [...new Set([...known.map(({ study }) => study), tableOneStudy])].sort();
  const hint = nearest(name, studies);
  throw new UserError(
    `unknown study: ${name}${hint ? ` (did you mean ${hint}?)` : ''}; choose from ${studies.join(', ')}`,
  );
}

function firstSeeds(count: number): number[] {
  return Array.from({ length: count }, (_, k) => k + 1);
}
