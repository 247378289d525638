/** How long one process took: to load, and then for the updates it has made so far. */
export interface Measured {
  loading: number;
  updates: number;
  seconds: number;
}

/** What is left of a run in flight. */
export interface Remaining {
  updates: number;
  /** Whether it has loaded. */
  begun: boolean;
}

/** Below this many seconds of updates, a pace says nothing. */
const leastEvidence = 2;

/**
 * Seconds until all runs are done, going by the mean time of an update so far and of loading; nothing before there has
 * been a while of updates.
 *
 * @param running runs in flight
 * @param pending updates of the runs to come, in their order
 * @param jobs how many run at once
 */
export function secondsLeft(
  measured: readonly Measured[],
  running: readonly Remaining[],
  pending: readonly number[],
  jobs: number,
): number | undefined {
  const [updates, seconds, loading] = (['updates', 'seconds', 'loading'] as const).map((key) =>
    measured.reduce((sum, each) => sum + each[key], 0),
  );
  if (updates === 0 || seconds < leastEvidence) return undefined;
  const cost = ({ updates: left, begun }: Remaining) =>
    (left * seconds) / updates + (begun ? 0 : loading / measured.length);
  // Each run to come goes to the process that is free first.
  const ends = [...running.map(cost), ...Array.from({ length: Math.max(0, jobs - running.length) }, () => 0)];
  for (const run of pending) {
    const first = ends.indexOf(Math.min(...ends));
    ends[first] += cost({ updates: run, begun: false });
  }
  return Math.max(...ends);
}
