import type { States } from '../library/sweep-states.js';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeHolder } from '../results/lock/messages.js';
import { lockOf, logFile, runLock } from '../results/run-folder.js';
import type { RunState } from '../study/run-state.js';
import { summarizeSeeds } from '../results/seeds.js';
import { type Spread } from '../base/statistics/spread.js';
import { experimentsOf } from '../sweep/experiments.js';
import type { PlannedRun, Sweep } from '../sweep/sweep.js';
import { duration, percent, short } from '../base/format.js';
import { textTable } from '../base/table.js';

/** How many of the last lines of a failed run's log are shown, and of how many runs. */
const logLines = 5;
const logRuns = 10;

/** The runs with their axes, and how they stand. */
export function describePlan(plan: Sweep, states: States): string {
  const header = ['state', ...shortNames(plan.axes), 'id'];
  const rows = plan.runs.map((run) => [states.get(run.id)!.status, ...cells(run, plan.axes), run.id]);
  return `${textTable([header, ...rows])}${describeCounts(states)} in ${plan.folder}\n`;
}

/** Mean and deviation of the final result of each experiment. */
export function describeResults(plan: Sweep, states: States): string {
  const axes = plan.axes.filter((axis) => axis !== 'seed');
  const experiments = experimentsOf(plan.runs).map((runs) => {
    const ended = runs.flatMap(({ id }) => endOf(states.get(id)!) ?? []);
    return { run: runs[0], seeds: ended.length, final: ended.length > 0 ? summarizeSeeds(ended).final : {} };
  });
  const classes =
    experiments.some(({ final }) => final.test_accuracy) ||
    experiments.every(({ final }) => !final.test_loss);
  const rows = experiments.map(({ run, seeds, final }) => [
    ...cells(run, axes),
    String(seeds),
    classes ? plusMinus(final.test_accuracy, percent) : plusMinus(final.test_loss, short),
  ]);
  const header = [...shortNames(axes), 'seeds', classes ? 'test accuracy' : 'test loss'];
  return textTable([header, ...rows]);
}

/** "24 runs: 21 done, 2 diverged, 1 failed; 18 min 3 s" */
export function describeEnds(states: States, seconds: number): string {
  return `${describeCounts(states)}; ${duration(seconds)}\n`;
}

/** Which runs have ended and do not count, and why; nothing if there are none. */
export function describeInvalid(plan: Sweep, states: States): string {
  const invalid = plan.runs.flatMap(({ id }) => {
    const state = states.get(id)!;
    return state.status === 'invalid' ? `${id}: ${state.message}` : [];
  });
  return describeGroup(invalid, 'does not count and is run again', 'do not count and are run again');
}

/** What is to know of runs that are not done; nothing if all are. */
export function describeTroubles(plan: Pick<Sweep, 'runs'>, states: States): string {
  const early: string[] = [];
  const failed: string[] = [];
  for (const { id, folder } of plan.runs) {
    const state = states.get(id)!;
    if ('summary' in state && state.status !== 'done') early.push(`${id}: ${state.summary.message ?? ''}`);
    if (state.status === 'failed')
      failed.push(`${id}: ${state.message}${failed.length < logRuns ? describeLog(folder) : ''}`);
  }
  return (
    describeGroup(early, 'ended early') +
    describeGroup(failed, 'failed: the same command runs what failed again')
  );
}

/** Whom a sweep waits for, and what to do where that is in vain. */
export function describeWaiting(runs: readonly PlannedRun[]): string {
  const lines = runs.map(({ id, folder }) => {
    const lock = runLock(folder);
    if (!lock) return `\n  ${id}`;
    const remedy = lock.life === 'running' ? '' : `; if that process is gone, remove ${lockOf(folder)}`;
    return `\n  ${id}: ${describeHolder(lock)}${remedy}`;
  });
  return `waiting for ${runs.length === 1 ? 'a run' : `${runs.length} runs`} of other processes${lines.join('')}`;
}

function describeGroup(runs: readonly string[], what: string, ofMany = what): string {
  if (runs.length === 0) return '';
  const head = `byzsim: ${runs.length === 1 ? `1 run ${what}` : `${runs.length} runs ${ofMany}`}\n`;
  return head + runs.map((run) => `  ${run}\n`).join('');
}

function describeLog(folder: string): string {
  const file = join(folder, logFile);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-logLines) : [];
  const shown = lines.filter((line) => line !== '').map((line) => `\n      ${line}`);
  return shown.length > 0 ? `\n    ${file} ends:${shown.join('')}` : '';
}

/** What --json prints. */
export function sweepJson(plan: Sweep, states: States) {
  return {
    name: plan.name,
    path: plan.folder,
    axes: plan.axes,
    runs: plan.runs.map((run) => {
      const state = states.get(run.id)!;
      const end = endOf(state);
      return {
        id: run.id,
        axes: Object.fromEntries(run.axes),
        status: state.status,
        message: 'message' in state ? state.message : end?.message,
        final: end?.final,
        best: end?.best,
        path: run.folder,
      };
    }),
  };
}

function endOf(state: RunState) {
  return 'summary' in state ? state.summary : undefined;
}

/** "24 runs: 21 done, 2 diverged, 1 failed" */
export function describeCounts(states: States): string {
  const statuses = [...states.values()].map(({ status }) => status);
  const parts = [...new Set(statuses)].map(
    (one) => `${statuses.filter((each) => each === one).length} ${one}`,
  );
  return `${statuses.length} ${statuses.length === 1 ? 'run' : 'runs'}: ${parts.join(', ')}`;
}

/** "95.10 % ± 0.32 %"; the deviation of one run is none. */
function plusMinus(spread: Spread | undefined, show: (value: number | undefined) => string): string {
  if (!spread) return '-';
  return spread.deviation === undefined
    ? show(spread.mean)
    : `${show(spread.mean)} ± ${show(spread.deviation)}`;
}

function cells(run: PlannedRun, axes: readonly string[]): string[] {
  return axes.map((axis) => String(run.axes.get(axis) ?? '-'));
}

/** The last words of dotted paths, as many as tell them apart: "attack", "rule". */
function shortNames(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const steps = path.split('.');
    for (let k = steps.length - 1; k > 0; k--) {
      const end = steps.slice(k).join('.');
      if (paths.filter((other) => other === end || other.endsWith(`.${end}`)).length === 1) return end;
    }
    return path;
  });
}
