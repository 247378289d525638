import { dirname, join, resolve } from 'node:path';
import { checksumsNow } from '../data/checksums.js';
import { writeJson } from '../results/files.js';
import { runLock, type RunSummary } from '../results/run-folder.js';
import { summarizeSeeds } from '../results/seeds.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { heldToData, isOver, readRunState, type RunState } from '../study/run-state.js';
import { keptRuns, restoreRuns, type KeptRun } from '../study/restore.js';
import { writeStudy } from '../study/study-file.js';
import { experimentsOf } from '../sweep/experiments.js';
import type { PlannedRun, Sweep } from '../sweep/sweep.js';

/** How every run of a sweep stands, by id. */
export type States = Map<string, RunState>;

/**
 * How every run stands now, by id. What is forced is not done, whatever wrote it.
 * @param folder of the study, whose tables may tell of runs that have no folder
 */
export async function statesOf(
  { runs, folder }: Pick<Sweep, 'runs'> & { folder?: string },
  catalogue: Catalogue,
  {
    isForced = () => false,
    data = new Map(),
  }: { isForced?: (run: PlannedRun) => boolean; data?: DataNow } = {},
): Promise<States> {
  const states: States = new Map();
  const kept = folder === undefined ? new Map<string, KeptRun>() : keptRuns(folder);
  for (const run of runs) {
    const found = kept.get(resolve(run.folder));
    states.set(run.id, await firstState(run, catalogue, found, isForced(run), data));
  }
  return states;
}

/** SHA-256 of the files of data sets, by their names, as they are on this machine. */
export type DataNow = Map<string, Record<string, string>>;

/** `data` gets the sums of what a run that is done was computed on. */
async function firstState(
  run: PlannedRun,
  { datasets }: Catalogue,
  kept: KeptRun | undefined,
  force: boolean,
  data: DataNow,
): Promise<RunState> {
  if (force) {
    const lock = runLock(run.folder);
    return lock ? { status: 'running', lock } : { status: 'missing' };
  }
  const { name } = run.config.dataset;
  const isKept = kept?.summary.hash === run.identity.hash && kept.summary.seed === run.seed;
  const state = isKept ? kept : readRunState(run.folder, run);
  if (isOver(state) && !data.has(name)) data.set(name, await checksumsNow(datasets.get(name)!));
  return heldToData(state, data.get(name) ?? {});
}

/** How the runs ended that did. */
export function endedOf(runs: readonly PlannedRun[], states: States): RunSummary[] {
  return runs.map(({ id }) => states.get(id)!).flatMap((state) => ('summary' in state ? state.summary : []));
}

/** Beside the runs of each experiment, mean and deviation over its seeds, as byzsim run has it. */
export function writeSummaries(runs: readonly PlannedRun[], states: States): void {
  for (const own of experimentsOf(runs)) writeSummary(own, states);
}

function writeSummary(runs: readonly PlannedRun[], states: States): void {
  const ended = endedOf(runs, states);
  if (ended.length > 0) writeJson(join(dirname(runs[0].folder), 'summary.json'), summarizeSeeds(ended));
}

/** Writes all that a sweep leaves beside its runs: tables, study.json, and a summary of each experiment. */
export async function writeResults(
  plan: Omit<Sweep, 'figures' | 'slurm'>,
  states: States,
  data: DataNow,
  onNote: (text: string) => void,
): Promise<void> {
  const stateOf = (run: PlannedRun) =>
    heldToData(readRunState(run.folder, run), data.get(run.config.dataset.name) ?? {});
  await restoreRuns(plan.folder, onNote);
  await writeStudy(plan, states, stateOf);
  writeSummaries(plan.runs, states);
}
