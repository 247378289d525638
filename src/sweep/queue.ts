import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks at what other processes are doing. */
const interval = 500;

/** Runs to do: first those that nobody is doing, then those that other processes are, when these have let go of them. */
export class RunQueue<Run> {
  private readonly free: Run[];
  private readonly held: Run[] = [];

  /**
   * @param isHeld whether another process is doing a run
   * @param onWait called before a wait for runs that were not waited for before
   */
  constructor(
    runs: readonly Run[],
    private readonly isHeld: (run: Run) => boolean,
    private readonly onWait: (runs: readonly Run[]) => void,
  ) {
    this.free = [...runs];
  }

  private readonly waitedFor = new Set<Run>();

  /** Puts a run back that another process is doing. */
  defer(run: Run): void {
    this.held.push(run);
  }

  /** The next run; nothing where there is none, or the signal aborts. May wait for other processes. */
  async next(signal: AbortSignal): Promise<Run | undefined> {
    for (;;) {
      if (signal.aborted) return undefined;
      const run = this.free.shift() ?? this.takeReleased();
      if (run || this.held.length === 0) return run;
      const others = this.held.filter((each) => !this.waitedFor.has(each));
      for (const each of others) this.waitedFor.add(each);
      if (others.length > 0) this.onWait(others);
      await sleep(interval, undefined, { signal }).catch(() => {}); // aborted
    }
  }

  private takeReleased(): Run | undefined {
    const place = this.held.findIndex((run) => !this.isHeld(run));
    return place < 0 ? undefined : this.held.splice(place, 1)[0];
  }
}
