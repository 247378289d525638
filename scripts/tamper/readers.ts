import { readFileSync } from 'node:fs';

/** A run that a command read, or that is there to be read. */
export interface ReadRun {
  hash: string;
  seed: number;
  /** Its last test loss, where the command prints it. */
  value?: number;
}

export interface Reader {
  args: readonly string[];
  /** The runs that its result is made of, or how many there are where it does not say which. */
  runsRead: (stdout: string) => ReadRun[] | number;
}

/** Where the study that is read lies, and the whole one. */
export const changed = 'changed';
export const whole = 'whole';

interface CellOfRuns {
  hash: string;
  seeds: number[];
  values?: number[];
}

const runsOf = (cells: readonly CellOfRuns[]): ReadRun[] =>
  cells.flatMap(({ hash, seeds, values }) => seeds.map((seed, k) => ({ hash, seed, value: values?.[k] })));

/** The commands that read studies, each as it is used. */
export const readers: Readonly<Record<string, Reader>> = {
  plot: {
    args: ['plot', changed, '-o', 'figure.svg', 'y=test_loss'],
    runsRead: () => seedsDrawn(readFileSync('figure.summary.csv', 'utf8')),
  },
  report: {
    args: ['report', changed, '-o', 'report.html'],
    runsRead: () => seedsReported(readFileSync('report.html', 'utf8')),
  },
  check: {
    args: ['check', changed, '--threshold', 'final.test_loss: max < 1e9', '--json'],
    runsRead: (stdout) => {
      const { thresholds } = JSON.parse(stdout) as { thresholds: { cells: CellOfRuns[] }[] };
      return runsOf(thresholds[0].cells);
    },
  },
  compare: {
    args: ['compare', whole, changed, '--json'],
    runsRead: (stdout) => {
      const { cells } = JSON.parse(stdout) as { cells: { b: CellOfRuns }[] };
      return runsOf(cells.map(({ b }) => b));
    },
  },
};

/** The number of seeds at the last point of each line, in all. */
function seedsDrawn(summary: string): number {
  const [header, ...lines] = summary.trimEnd().split('\n');
  // Labels may hold commas; the numbers behind them have none.
  const columns = header.split(',');
  const numbers = columns.length - columns.indexOf('update');
  const seeds = columns.length - columns.indexOf('seeds');
  const last = new Map(
    lines.map((line) => {
      const cells = line.split(',');
      return [cells.slice(0, -numbers).join(), Number(cells.at(-seeds))];
    }),
  );
  return [...last.values()].reduce((sum, count) => sum + count, 0);
}

/** "2 experiments with 2 seeds each", "2 experiments with 1 to 2 seeds each, 3 runs in all" */
function seedsReported(page: string): number {
  const [, experiments, seeds, total] =
    /(\d+) experiments? with (?:\d+ to )?(\d+) seeds?(?: each)?(?:, (\d+) runs)?/.exec(page)!;
  return total === undefined ? Number(experiments) * Number(seeds) : Number(total);
}
