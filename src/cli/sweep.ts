import { join } from 'node:path';
import { probe } from '../doctor/engines.js';
import { UserError } from '../base/errors.js';
import { makeFolder } from '../results/files.js';
import { requireData } from '../library/require-data.js';
import { runMissing, type Follower } from '../library/run-missing.js';
import { endedOf, statesOf, type DataNow } from '../library/sweep-states.js';
import { isOver } from '../study/run-state.js';
import { studyTables } from '../study/study-file.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { loadSweep } from '../sweep/load.js';
import type { Share } from '../sweep/share.js';
import type { PlannedRun, Sweep } from '../sweep/sweep.js';
import { describeByzantineWeight } from './byzantine-weight.js';
import { Interrupted, interruptible } from './interrupt.js';
import { requireHeeded } from './launcher-flags.js';
import { outliveOutput } from './streams.js';
import type { SweepFlags } from './sweep-flags.js';
import { createSweepProgress } from './sweep-progress.js';
import {
  describeEnds,
  describeInvalid,
  describePlan,
  describeResults,
  describeTroubles,
  describeWaiting,
  sweepJson,
} from './sweep-report.js';

/**
 * Runs what a sweep lacks and prints the results. Exit status: 0, or 1 when a run ended early or failed or a threshold is
 * missed, 2 when one could not be told, 75, 129, 130 or 143 when interrupted.
 */
export async function sweep(
  file: string,
  overrides: string[],
  flags: SweepFlags,
  catalogue: Catalogue,
): Promise<number> {
  outliveOutput();
  requireHeeded(flags);
  const plan = await loadSweep(file, overrides, catalogue, { out: flags.out });
  const checks = flags.check ? await import('./check.js') : undefined;
  if (checks && !plan.runs.some(({ config }) => config.thresholds)) throw checks.missingThresholds(file);
  checks?.requireMatches(plan.runs, file, catalogue);
  const data: DataNow = new Map();
  const states = await statesOf(plan, catalogue, { isForced: () => flags.force ?? false, data });
  const print = (check?: object) =>
    process.stdout.write(`${JSON.stringify({ ...sweepJson(plan, states), check }, undefined, 2)}\n`);
  process.stderr.write(describeInvalid(plan, states));
  if (flags.dryRun) {
    if (flags.json) print();
    else process.stdout.write(describePlan(plan, states));
    return 0;
  }
  if (flags.launcher !== undefined && flags.launcher !== 'local') {
    const { handOut } = await import('./hand-out.js');
    return handOut(plan, states, file, overrides, flags);
  }
  const onNote = (text: string) => void (flags.quiet || process.stderr.write(`${text}\n`));
  const started = performance.now();
  makeFolder(plan.folder);
  try {
    await interruptible((signal) =>
      runMissing(plan, states, data, { ...flags, signal, onNote }, (queue, share) =>
        followed(plan, queue, share, flags, { catalogue, signal }),
      ),
    );
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const kept = plan.runs.filter(({ id }) => isOver(states.get(id)!)).length;
    process.stderr.write(
      `byzsim: ${error.message}; ${kept} of ${plan.runs.length} runs are done and kept, the same command goes on\n`,
    );
    return error.exitStatus;
  }
  const whole = [...states.values()].every(isOver);
  const outcomes = whole
    ? checks?.checkPlanned(plan.runs, { paths: [plan.folder], source: file, catalogue })
    : undefined;
  if (flags.json) print(outcomes && checks?.outcomesJson(outcomes));
  else {
    process.stdout.write(describeResults(plan, states));
    const seconds = (performance.now() - started) / 1000;
    process.stdout.write(describeEnds(states, seconds));
    for (const name of [studyTables.runs, studyTables.metrics])
      process.stdout.write(`${join(plan.folder, name)}\n`);
  }
  process.stderr.write(describeTroubles(plan, states));
  const warning = describeByzantineWeight(endedOf(plan.runs, states));
  if (warning && !flags.quiet) process.stderr.write(`${warning}\n`);
  const status = [...states.values()].every(({ status }) => status === 'done') ? 0 : 1;
  if (!checks) return status;
  if (!outcomes) {
    process.stderr.write('byzsim: the thresholds were not checked: not all runs are done\n');
    return status;
  }
  return Math.max(status, flags.json ? checks.conclude(outcomes) : checks.printOutcomes(outcomes, {}));
}

/** Tells the user, and looks at the engine and the data before the first run. */
async function followed(
  plan: Sweep,
  queue: readonly PlannedRun[],
  { jobs, threads }: Share,
  flags: SweepFlags,
  { catalogue, signal }: { catalogue: Catalogue; signal: AbortSignal },
): Promise<Follower> {
  await requireEngine(flags);
  const progress = await createSweepProgress(plan.name, queue, jobs, flags.quiet ?? false);
  try {
    await requireData(queue, catalogue, { signal, onNote: progress.note });
  } catch (error) {
    progress.end();
    throw error;
  }
  const share = `${jobs} ${jobs === 1 ? 'run' : 'runs'} at once, ${threads} ${threads === 1 ? 'thread' : 'threads'} each`;
  progress.note(`${queue.length} of ${plan.runs.length} runs to do; ${share}`);
  return {
    ...progress,
    waiting: (runs) => progress.note(describeWaiting(runs)),
    over(elsewhere) {
      if (elsewhere > 0) progress.note(`${elsewhere} of ${queue.length} runs were done by other processes`);
    },
  };
}

/**
 * Says once, before the first run, what every run would find out for itself.
 * @throws UserError where an engine that not every machine has does not load
 */
async function requireEngine({ backend, device }: SweepFlags): Promise<void> {
  if (backend !== 'tensorflow' && (device === 'auto' || device === 'cpu')) return;
  const tried = await probe(backend, device);
  if (tried.loads) return;
  const engine = `${backend}${device === 'auto' ? '' : ` on ${device}`}`;
  throw new UserError(
    `unavailable engine: ${engine} does not load: ${tried.problem}; byzsim doctor says what to do`,
  );
}
