/** Updates made so far, and how long one process took for them. */
export interface Measured {
  updates: number;
  seconds: number;
}

/**
 * Seconds until all runs are done, going by the mean time of an update so far; nothing before the first update.
 *
 * @param running updates left of each run in progress
 * @param pending updates of the runs to come, in their order
 * @param jobs how many run at once
 */
export function secondsLeft(
  measured: readonly Measured[],
  running: readonly number[],
  pending: readonly number[],
  jobs: number,
): number | undefined {
  const updates = measured.reduce((sum, each) => sum + each.updates, 0);
  if (updates === 0) return undefined;
  const seconds = measured.reduce((sum, each) => sum + each.seconds, 0);
  // Each run to come goes to the process that is free first.
  const ends = [...running, ...Array.from({ length: Math.max(0, jobs - running.length) }, () => 0)];
  for (const run of pending) {
    const first = ends.indexOf(Math.min(...ends));
    ends[first] += run;
  }
  return (Math.max(...ends) * seconds) / updates;
}
