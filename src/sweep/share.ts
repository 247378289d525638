/** How many runs compute at once, and how many threads each has. */
export interface Share {
  jobs: number;
  threads: number;
}

/**
 * Shares the cores of a machine among runs. A run is fastest per core in one thread, so there is a job a core, as long
 * as there are runs for them; with fewer runs than cores each has more threads. What the user asks for holds.
 *
 * @param gpu all runs share one device, which one run keeps busy
 */
export function shareCores({
  cores,
  runs,
  gpu,
  jobs: askedJobs,
  threads: askedThreads,
}: {
  cores: number;
  runs: number;
  gpu: boolean;
  jobs?: number;
  threads?: number;
}): Share {
  const atOnce = gpu ? 1 : Math.max(1, Math.floor(cores / (askedThreads ?? 1)));
  const jobs = Math.max(1, Math.min(askedJobs ?? atOnce, runs));
  return { jobs, threads: askedThreads ?? Math.max(1, Math.floor(cores / jobs)) };
}
