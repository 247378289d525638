import type { Labels } from '../study/labels.js';
import { foremost, groupBy, tellingApart } from '../study/grouping.js';
import { axis, axisPaths, axisValues, type Axes } from '../config/axes.js';
import type { StudyRun } from '../study/study-run.js';
import { UserError } from '../base/errors.js';
import { valueOf } from '../study/quantity.js';
import { writeQuantity, type Quantity } from '../thresholds/quantity.js';

/** The runs of one experiment, which differ in nothing but their seed. */
export interface Cell {
  hash: string;
  axes: Axes;
  /** The keys that its config gives; absent where the runs do not tell. */
  given?: ReadonlySet<string>;
  /** By seed. */
  runs: readonly StudyRun[];
  /** What tells it from the other cells, in the words of figures: "ω-CWMed, sign-flip". */
  label: string;
}

/** The cells of a study, in the order of their first runs. */
export function cellsOf(runs: readonly StudyRun[], labels: Labels): Cell[] {
  const label = labeller(runs, labels);
  return [...groupBy(runs, ({ hash }) => hash)].map(([hash, group]) => ({
    hash,
    axes: group[0].axes,
    given: group[0].meta.given && new Set(group[0].meta.given),
    runs: group.toSorted((a, b) => a.seed - b.seed),
    label: label(group[0]),
  }));
}

/** Names a run's cell by the axes that tell the cells apart, or by its slug where there is one cell only. */
function labeller(runs: readonly StudyRun[], labels: Labels): (run: StudyRun) => string {
  const telling = tellingApart(runs, [], [...new Set([...foremost, ...axisPaths(runs)])]);
  const varies = (path: string) => axisValues(runs, path).length > 1;
  const shown = { weighted: varies(axis.weighted), meta: varies(axis.meta) };
  const ofRule: readonly string[] = [axis.rule, axis.weighted, axis.meta];
  const rule = telling.some((path) => ofRule.includes(path));
  const others = telling.filter((path) => !ofRule.includes(path));
  return ({ axes, summary }) => {
    const parts = others
      .filter((path) => axes.get(path) !== undefined)
      .map((path) => labels.value(path, axes.get(path)));
    return [...(rule ? [labels.rule(axes, shown)] : []), ...parts].join(', ') || summary.slug;
  };
}

/**
 * A quantity of every run of a cell; of one that never reached the target, Infinity.
 * @throws UserError where a run has none, such as an accuracy without classes
 */
export function valuesOf({ runs }: Cell, quantity: Quantity): number[] {
  return runs.map((run) => {
    const value = valueOf(run, quantity);
    if (value !== undefined) return value;
    const { summary, path } = run;
    const row = summary[quantity.row === 'best' ? 'best' : 'final'];
    const known = Object.entries(row)
      .filter(([, entry]) => typeof entry === 'number')
      .map(([name]) => name);
    throw new UserError(`missing ${writeQuantity(quantity)}: ${path} has none (it has ${known.join(', ')})`);
  });
}

/** The runs of a cell that ended early. */
export function endedEarly({ runs }: Cell): readonly StudyRun[] {
  return runs.filter(({ summary }) => summary.status !== 'done');
}
