import { duration } from '../base/format.js';
import type { Progress } from '../data/files.js';
import { describeResult, type Reporter } from '../run/reporter.js';

/** A bar on a terminal, a line an evaluation elsewhere, nothing when quiet. */
export async function createReporter(quiet: boolean): Promise<Reporter> {
  if (quiet) return silent;
  return process.stderr.isTTY ? await terminalReporter() : lineReporter();
}

const silent: Reporter = { note() {}, begin() {}, update() {}, evaluated() {}, progress() {}, end() {} };

/** Seconds until update `total`, going by those made since the start, at which there were `made`. */
class Clock {
  private readonly start = performance.now();

  constructor(
    private readonly total: number,
    private readonly made: number,
  ) {}

  left(update: number): string {
    const elapsed = (performance.now() - this.start) / 1000;
    const since = update - this.made;
    return since <= 0 ? '' : `${duration((elapsed / since) * (this.total - update))} left`;
  }
}

function amount({ unit, done, total }: Progress): string {
  const show = (value: number) => (unit === 'bytes' ? `${(value / 1e6).toFixed(1)} MB` : `${value} ${unit}`);
  return total === undefined ? show(done) : `${show(done)} of ${show(total)}`;
}

/** For pipes and logs. */
function lineReporter(): Reporter {
  const write = (text: string) => process.stderr.write(`${text}\n`);
  let clock = new Clock(0, 0);
  let run = { label: '', steps: 0, unit: '' };
  let preparing = '';
  return {
    note: write,
    begin(label, steps, unit, made) {
      run = { label, steps, unit };
      clock = new Clock(steps, made);
    },
    update() {},
    evaluated(row) {
      // Evaluations may come late: those of updates before the start have no time left to tell.
      const left = row.update! < run.steps ? clock.left(row.update!) : '';
      const line = `${run.label}  ${run.unit} ${row.update}/${run.steps}  ${describeResult(row)}  ${left}`;
      write(line.trimEnd());
    },
    progress(progress) {
      if (progress.what === preparing) return;
      preparing = progress.what;
      write(progress.what);
    },
    end() {},
  };
}

async function terminalReporter(): Promise<Reporter> {
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  let bar: InstanceType<typeof SingleBar> | undefined;
  let clock = new Clock(0, 0);
  let latest = '';
  return {
    note: (text) => void process.stderr.write(`${text}\n`),
    begin(label, updates, _, made) {
      clock = new Clock(updates, made);
      latest = '';
      bar = new SingleBar(
        {
          format: `${label} {bar} {value}/{total}  {latest}  {left}`,
          barsize: 20,
          hideCursor: true,
          linewrap: false,
          gracefulExit: false,
          etaBuffer: 1,
        },
        Presets.shades_classic,
      );
      bar.start(updates, made, { latest, left: '' });
    },
    update: (update) => bar?.update(update, { latest, left: clock.left(update) }),
    evaluated(row) {
      latest = describeResult(row);
    },
    progress(progress) {
      const finished = progress.done === progress.total;
      process.stderr.write(`\r\x1b[K${finished ? '' : `${progress.what}  ${amount(progress)}`}`);
    },
    end() {
      bar?.stop();
      bar = undefined;
    },
  };
}
