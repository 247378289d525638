import { secondsLeft, type Measured, type Remaining } from './forecast.js';
import type { Message } from './messages.js';
import type { PlannedRun } from './sweep.js';

/** A run in flight. */
export interface Running {
  run: PlannedRun;
  /** Milliseconds, as of performance.now(). */
  start: number;
  /** When it had loaded and updates began. */
  began?: number;
  /** Updates made before then, and so far. */
  made: number;
  update: number;
  /** The latest result, or what is being prepared. */
  latest: string;
}

/** Follows the runs of a sweep: what is in flight, how much is left. */
export class Tracker {
  /** One place a job, so that a run keeps its line; those that are free are undefined. */
  readonly running: (Running | undefined)[];
  /** How many have ended, of whatever status. */
  ended = 0;
  private readonly total: number;
  /** Updates of the runs that have ended, whether made or not. */
  private settled = 0;
  private readonly pending: PlannedRun[];
  private readonly measured: Measured[] = [];

  constructor(
    runs: readonly PlannedRun[],
    private readonly jobs: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.pending = [...runs];
    this.total = sum(runs.map(({ config }) => config.updates));
    this.running = Array.from({ length: jobs }, () => undefined);
  }

  start(run: PlannedRun): void {
    this.drop(run);
    const place = this.running.indexOf(undefined);
    this.running[place] = { run, start: this.now(), made: 0, update: 0, latest: '' };
  }

  message({ id }: PlannedRun, message: Message): void {
    const running = this.running.find((each) => each?.run.id === id);
    if (!running) return;
    if (message.kind === 'update') running.update = message.update;
    if (message.kind === 'began') {
      [running.began, running.latest] = [this.now(), ''];
      running.made = running.update = message.made;
    }
    if (message.kind === 'evaluated' || message.kind === 'preparing') running.latest = message.text;
  }

  /** The run is not made here, or not now: another process is at it. */
  leave(run: PlannedRun): void {
    const place = this.running.findIndex((each) => each?.run.id === run.id);
    if (place >= 0) this.running[place] = undefined;
    this.pending.push(run);
  }

  /** Seconds the run took; undefined if it was not started here. `complete`: it made all its updates. */
  end(run: PlannedRun, complete: boolean): number | undefined {
    this.ended++;
    this.settled += run.config.updates;
    this.drop(run);
    const place = this.running.findIndex((each) => each?.run.id === run.id);
    const running = this.running[place];
    if (!running) return undefined;
    this.running[place] = undefined;
    if (complete) running.update = run.config.updates;
    this.measured.push(...this.measure(running));
    return (this.now() - running.start) / 1000;
  }

  /** Which part of all updates is made, or will not be made any more. */
  share(): number {
    return (this.settled + sum(this.running.map((each) => each?.update ?? 0))) / this.total;
  }

  /** Seconds until all runs have ended; nothing before their pace is known. */
  left(): number | undefined {
    const running = this.running.filter((each) => each !== undefined);
    return secondsLeft(
      [...this.measured, ...running.flatMap((each) => this.measure(each))],
      running.map(remaining),
      this.pending.map(({ config }) => config.updates),
      this.jobs,
    );
  }

  /** Seconds until one run in flight has ended, by its own pace. */
  leftOf(running: Running): number | undefined {
    return secondsLeft(this.measure(running), [remaining(running)], [], 1);
  }

  /** Nothing before its first update. */
  private measure({ start, began, made, update }: Running): Measured[] {
    if (began === undefined || update === made) return [];
    const updates = update - made;
    return [{ loading: (began - start) / 1000, updates, seconds: (this.now() - began) / 1000 }];
  }

  private drop({ id }: PlannedRun): void {
    const place = this.pending.findIndex((each) => each.id === id);
    if (place >= 0) this.pending.splice(place, 1);
  }
}

function remaining({ run, update, began }: Running): Remaining {
  return { updates: run.config.updates - update, begun: began !== undefined };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
