import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearest } from '../base/suggest.js';
import { UserError } from '../base/errors.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { StudyRun } from '../study/study-run.js';
import { loadSweep } from '../sweep/load.js';
import { checkPlanned, printOutcomes } from './check.js';
import { draw } from './plot.js';
import { report } from './report.js';
import { sweep, type SweepFlags } from './sweep.js';

export interface ReproduceFlags extends Omit<SweepFlags, 'force' | 'json' | 'check'> {
  dataset: 'mnist' | 'cifar10';
  seeds?: number;
}

/** Sweeps by study and data set: figure-a on mnist is figure-a-mnist.yaml, figure-a-seeds is figure-a-mnist-seeds.yaml. */
const sweeps = fileURLToPath(new URL('../../configs/paper/', import.meta.url));

/**
 * Runs what a study of a paper lacks, draws and reports it, and holds it to the paper's claim. Exit status: 0; 1 if
 * the claim does not hold or a run did not end well; 2 if it could not be told; 129, 130 or 143 when interrupted.
 */
export async function reproduce(
  study: string,
  overrides: readonly string[],
  { dataset, seeds, ...flags }: ReproduceFlags,
  catalogue: Catalogue,
): Promise<number> {
  const file = sweepOf(study, dataset);
  const words = [...overrides, ...(seeds === undefined ? [] : [`seeds=[${firstSeeds(seeds).join(',')}]`])];
  const status = await sweep(file, words, flags, catalogue);
  if (status > 1 || flags.dryRun) return status;

  const { folder, runs, figures } = await loadSweep(file, words, catalogue, { out: flags.out });
  // Runs of other plans may lie in the folder: of fewer updates, for a try.
  const planned = new Set(runs.map(({ identity, seed }) => `${identity.hash} ${seed}`));
  const only = ({ hash, seed }: StudyRun) => planned.has(`${hash} ${seed}`);
  const several = new Set(runs.map((run) => run.seed)).size > 1;
  const outcomes = several ? checkPlanned(runs, { paths: [folder], source: file, catalogue }) : [];
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
  if (several) return Math.max(status, printOutcomes(outcomes, {}));
  process.stderr.write("byzsim: the paper's claim was not tested: that needs two seeds or more\n");
  return status;
}

function sweepOf(study: string, dataset: string): string {
  const known = readdirSync(sweeps).flatMap((file) => {
    const [, name, data, kind = ''] = /^(.+?)-(mnist|cifar10)(-.+)?\.yaml$/.exec(file) ?? [];
    return name ? [{ study: name + kind, dataset: data, file: join(sweeps, file) }] : [];
  });
  const found = known.filter((sweep) => sweep.study === study);
  const sweep = found.find((sweep) => sweep.dataset === dataset);
  if (sweep) return sweep.file;
  if (found.length > 0)
    throw new UserError(`unknown study: ${study} on ${dataset} (it is there on ${found[0].dataset})`);
  const studies = [...new Set(known.map((sweep) => sweep.study))].sort();
  const hint = nearest(study, studies);
  throw new UserError(
    `unknown study: ${study}${hint ? ` (did you mean ${hint}?)` : ''}; choose from ${studies.join(', ')}`,
  );
}

function firstSeeds(count: number): number[] {
  return Array.from({ length: count }, (_, k) => k + 1);
}
