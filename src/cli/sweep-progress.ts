import type { RunState } from '../results/run-state.js';
import type { Message } from '../sweep/messages.js';
import type { PlannedRun } from '../sweep/sweep.js';
import { Tracker, type Running } from '../sweep/tracker.js';
import { duration } from './format.js';
import { describeResult } from './reporter.js';

/** Tells the user, on stderr, how a sweep goes on. */
export interface SweepProgress {
  /** A line for the record. */
  note: (text: string) => void;
  started: (run: PlannedRun) => void;
  message: (run: PlannedRun, message: Message) => void;
  ended: (run: PlannedRun, state: RunState) => void;
  /** The sweep is over, in whatever way. */
  end: () => void;
}

const silent: SweepProgress = { note() {}, started() {}, message() {}, ended() {}, end() {} };

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
  return following(tracker, total, note, (run) => note(`started ${run.id}`), {
    left: () => {
      const seconds = tracker.left();
      return tracker.ended < total && seconds !== undefined ? `  (${duration(seconds)} left)` : '';
    },
    end() {},
  });
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
  bars.create(1, 0, { line: () => overallLine(name, total, tracker, width()) });
  for (const place of tracker.running.keys()) {
    bars.create(1, 0, {
      line() {
        const running = tracker.running[place];
        return running ? runLine(running, tracker.leftOf(running), width()) : '';
      },
    });
  }
  return following(
    tracker,
    total,
    (text) => bars.log(`${text}\n`),
    () => {},
    {
      left: () => '',
      end() {
        bars.update();
        bars.stop();
      },
    },
  );
}

/** What both kinds do: keep the tracker, say which engine computes, and how each run ended. */
function following(
  tracker: Tracker,
  total: number,
  note: (text: string) => void,
  started: (run: PlannedRun) => void,
  { left, end }: { left: () => string; end: () => void },
): SweepProgress {
  const noted = new Set<string>();
  return {
    note,
    started(run) {
      tracker.start(run);
      started(run);
    },
    message(run, message) {
      tracker.message(run, message);
      // All runs say the same, as a rule.
      if (message.kind !== 'note' || noted.has(message.text)) return;
      noted.add(message.text);
      note(message.text);
    },
    ended(run, state) {
      const seconds = tracker.end(run, state.status === 'done');
      const took = seconds === undefined ? '' : `  ${duration(seconds)}`;
      note(`[${tracker.ended}/${total}] ${run.id}  ${describeState(state)}${took}${left()}`);
    },
    end,
  };
}

function describeState(state: RunState): string {
  switch (state.status) {
    case 'done': {
      const { test_accuracy: testAccuracy, test_loss: testLoss } = state.summary.final;
      return describeResult({ testAccuracy, testLoss });
    }
    case 'diverged':
      return `diverged: ${state.summary.message ?? ''}`;
    case 'failed':
      return `failed: ${state.message}`;
    case 'running':
      return `is being run by process ${state.holder.pid} on ${state.holder.host}`;
    default:
      return 'interrupted';
  }
}

/** "figure-a  ██████░░░░░░░░░░░░░░   7/24 runs   18 min 20 s left" */
export function overallLine(name: string, total: number, tracker: Tracker, width: number): string {
  const seconds = tracker.left();
  const left = seconds === undefined ? '' : `  ${duration(seconds)} left`;
  const right = ` ${bar(tracker.ended / total, 20)}  ${tracker.ended}/${total} runs${left}`;
  return `${fit(name, width - right.length)}${right}`;
}

/** "cwmed label-flip 0.3 seed 1  ████░░░░░░  45 %  accuracy 97.12 %  1 min 5 s left" */
export function runLine(running: Running, seconds: number | undefined, width: number): string {
  const { run, update, latest } = running;
  const share = update / run.config.updates;
  const left = seconds === undefined ? '' : `${duration(seconds)} left`;
  const percent = `${Math.floor(100 * share)} %`.padStart(5);
  const right = `  ${bar(share, 10)} ${percent}  ${fit(latest, 16)}  ${fit(left, 16)}`;
  const values = [...run.axes].filter(([axis]) => axis !== 'seed').map(([, value]) => String(value ?? '-'));
  const seed = ` seed ${run.seed}`;
  const label = fit(values.join(' ') || run.identity.slug, width - right.length - seed.length);
  return `${label}${seed}${right}`.trimEnd();
}

function bar(share: number, length: number): string {
  const done = Math.round(Math.min(1, share) * length);
  return '█'.repeat(done) + '░'.repeat(length - done);
}

/** Cut or padded to a width. */
function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
