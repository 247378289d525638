/** Milliseconds of repeated runs. */
export interface Timing {
  fastest: number;
  median: number;
  runs: number;
}

/**
 * Times the runs that fit into `budget` milliseconds, at least three, after one that warms up. A run that takes the
 * whole budget is done once and counts: it warms up on the way. The fastest is what the code costs; the median, what it
 * cost on this machine at this moment.
 */
export async function measure(run: () => unknown, budget: number): Promise<Timing> {
  const timed = async () => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
  const first = await timed();
  if (first >= budget) return timing([first]);
  const times: number[] = [];
  const end = performance.now() + budget;
  while (times.length < 3 || performance.now() < end) times.push(await timed());
  return timing(times);
}

function timing(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  return { fastest: sorted[0], median: sorted[sorted.length >> 1], runs: sorted.length };
}
