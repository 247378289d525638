import type { PlannedRun } from './sweep.js';

/** The runs of each experiment, which differ in their seeds alone; in the order of the sweep. */
export function experimentsOf(runs: readonly PlannedRun[]): PlannedRun[][] {
  const experiments = new Map<string, PlannedRun[]>();
  for (const run of runs) {
    const { hash } = run.identity;
    experiments.set(hash, [...(experiments.get(hash) ?? []), run]);
  }
  return [...experiments.values()];
}
