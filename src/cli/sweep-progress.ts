import { describeHolder } from '../results/lock/messages.js';
import type { RunState } from '../study/run-state.js';
import type { Message } from '../sweep/messages.js';
import type { PlannedRun } from '../sweep/sweep.js';
import { Tracker, type Running } from '../sweep/tracker.js';
import { duration } from '../base/format.js';
import { describeResult } from '../run/reporter.js';

/** Tells the user, on stderr, how a sweep goes on. */
export interface SweepProgress {
  /** A line for the record. */
  note: (text: string) => void;
  started: (run: PlannedRun) => void;
  message: (run: PlannedRun, message: Message) => void;
  /** It was started and is left to another process. */
  left: (run: PlannedRun) => void;
  ended: (run: PlannedRun, state: RunState) => void;
  /** The sweep is over, in whatever way. */
  end: () => void;
}

const silent: SweepProgress = { note() {}, started() {}, message() {}, left() {}, ended() {}, end() {} };

/** Bars on a terminal, a line for each start and end elsewhere, nothing when quiet. */
export async function createSweepProgress(
  name: string,
  runs: readonly PlannedRun[],
  jobs: number,
  quiet: boolean,
): Promise<SweepProgress> {
  if (quiet) return silent;
  const tracker = new Tracker(runs, jobs);
  return process.stderr.isTTY
    ? terminalProgress(name, runs.length, tracker)
    : lineProgress(runs.length, tracker);
}

/** For pipes and logs. */
function lineProgress(total: number, tracker: Tracker): SweepProgress {
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  return {
    ...following(tracker, note),
    started(run) {
      tracker.start(run);
      note(`started ${run.id}`);
    },
    ended(run, state) {
      const took = tracker.end(run, state.status === 'done');
      const seconds = tracker.ended < total ? tracker.left() : undefined;
      const left = seconds === undefined ? '' : `  (${duration(seconds)} left)`;
      note(`[${tracker.ended}/${total}] ${run.id}${describeEnd(state, took)}${left}`);
    },
    end() {},
  };
}

async function terminalProgress(name: string, total: number, tracker: Tracker): Promise<SweepProgress> {
  const { MultiBar } = (await import('cli-progress')).default;
  const bars = new MultiBar({
    format: (_options, _params, payload: { line: () => string }) => payload.line(),
    clearOnComplete: true,
    hideCursor: true,
    linewrap: false,
    gracefulExit: false,
    fps: 4,
  });
  const width = () => Math.min(process.stderr.columns || 80, 120);
  const note = (text: string) => bars.log(`${text}\n`);
  bars.create(1, 0, { line: () => overallLine(name, total, tracker, width()) });
  // Bars that do not fit on the screen cannot be redrawn.
  const places = Math.min(tracker.running.length, (process.stderr.rows || 24) - 3);
  for (let place = 0; place < places; place++) {
    const line = () => {
      const running = tracker.running[place];
      return running ? runLine(running, tracker.leftOf(running), width()) : '';
    };
    bars.create(1, 0, { line });
  }
  return {
    ...following(tracker, note),
    started: (run) => tracker.start(run),
    ended(run, state) {
      const took = tracker.end(run, state.status === 'done');
      note(endLine(run, `[${tracker.ended}/${total}] `, describeEnd(state, took), width()));
    },
    end() {
      bars.update();
      bars.stop();
    },
  };
}

/** What both kinds do with what runs say. */
function following(
  tracker: Tracker,
  note: (text: string) => void,
): Pick<SweepProgress, 'note' | 'message' | 'left'> {
  const noted = new Set<string>();
  return {
    note,
    left: (run) => tracker.leave(run),
    message(run, message) {
      tracker.message(run, message);
      // All runs say the same, as a rule.
      if (message.kind !== 'note' || noted.has(message.text)) return;
      noted.add(message.text);
      note(message.text);
    },
  };
}

/** How a run ended and how long it took, if it was run here. */
function describeEnd(state: RunState, seconds: number | undefined): string {
  return `  ${describeState(state)}${seconds === undefined ? '' : `  ${duration(seconds)}`}`;
}

function describeState(state: RunState): string {
  switch (state.status) {
    case 'done':
      return describeResult(state.summary.final);
    case 'diverged':
    case 'stopped':
      return `ended early: ${state.summary.message ?? ''}`;
    case 'failed':
      return `failed: ${state.message}`;
    case 'running':
      return `is being run by ${describeHolder(state.lock)}`;
    default:
      return state.status;
  }
}

/** "figure-a    ██████░░░░░░░░░░░░░░  7/24 runs  18 min 20 s left" */
export function overallLine(name: string, total: number, tracker: Tracker, width: number): string {
  const seconds = tracker.left();
  const left = seconds === undefined ? '' : `${duration(seconds)} left`;
  const right = `  ${bar(tracker.share(), 20)}  ${`${tracker.ended}/${total}`.padStart(9)} runs  ${fit(left, 16)}`;
  return `${fit(name, width - right.length)}${right}`.trimEnd();
}

/** "cwmed label-flip 0.3 seed 1  ████░░░░░░  45 %  accuracy 97.12 %  1 min 5 s left" */
export function runLine(running: Running, seconds: number | undefined, width: number): string {
  const { run, update, latest } = running;
  const share = update / run.config.updates;
  const left = seconds === undefined ? '' : `${duration(seconds)} left`;
  const percent = `${Math.floor(100 * share)} %`.padStart(5);
  const right = `  ${bar(share, 10)} ${percent}  ${fit(latest, 16)}  ${fit(left, 16)}`;
  return `${labelOf(run, width - right.length)}${right}`.trimEnd();
}

/** "[7/24] cwmed label-flip 0.3 seed 1  accuracy 97.12 %  51 s" */
export function endLine(run: PlannedRun, before: string, after: string, width: number): string {
  return fit(`${before}${labelOf(run, 40)}${after}`, width).trimEnd();
}

/** The values of the axes and the seed. */
function labelOf(run: PlannedRun, width: number): string {
  const values = [...run.axes].filter(([axis]) => axis !== 'seed').map(([, value]) => String(value ?? '-'));
  const seed = ` seed ${run.seed}`;
  return `${fit(values.join(' ') || run.identity.slug, width - seed.length)}${seed}`;
}

function bar(share: number, length: number): string {
  const done = Math.round(Math.min(1, share) * length);
  return '█'.repeat(done) + '░'.repeat(length - done);
}

/** Cut or padded to a width; nothing where there is no room. */
function fit(text: string, width: number): string {
  if (width < 1) return '';
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
