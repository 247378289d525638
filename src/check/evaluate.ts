import { writeQuantity, type Quantity } from '../thresholds/quantity.js';
import type { Bound, Threshold, Verdict } from '../thresholds/thresholds.js';
import { UserError } from '../base/errors.js';
import { axis, naturally, type Axes } from '../config/axes.js';
import { spread } from '../base/statistics/spread.js';
import type { StudyRun } from '../study/study-run.js';
import { endedEarly, valuesOf, type Cell } from './cells.js';
import { describeConditions, meets, readConditions, whyNone, type Conditions } from './conditions.js';
import { counterpartOf } from './counterpart.js';
import { compareMeans, rounding, significance, testAbove, type Welch } from '../base/statistics/welch.js';

/** A threshold in one cell. */
export interface CellResult {
  cell: Cell;
  /** What it was compared with. */
  counterpart?: Cell;
  met: boolean;
  /** The statistic, or for a verdict the difference of the means; absent if a run ended early or never reached the target. */
  value?: number;
  /** By how much a bound is kept; negative if it is not. */
  margin?: number;
  /** Of a verdict. */
  welch?: Welch;
  /** Why there is no value: "seed 2 ended early: the model diverged at update 31", "seed 2 never reaches it". */
  problem?: string;
}

/** A threshold in all cells it is about, the worst first. */
export interface ThresholdResult {
  threshold: Threshold;
  met: boolean;
  cells: readonly CellResult[];
}

/**
 * The cells that a threshold asks something of, and the conditions on those that they are compared with.
 * @throws UserError where there are none
 */
export function askedOf<C extends { axes: Axes }>(
  threshold: Threshold,
  cells: readonly C[],
  all: readonly C[],
): { asked: C[]; against?: Conditions } {
  const where = readConditions(threshold.where, all);
  const against = threshold.against && readConditions(threshold.against, all);
  const matching = cells.filter((cell) => meets(cell, where));
  if (matching.length === 0) throw new UserError(`it matches nothing: ${whyNone(cells, where)}`);
  if (against && !all.some((cell) => meets(cell, against))) throw new UserError(whyNone(all, against));
  const asked = against ? matching.filter((cell) => !meets(cell, against)) : matching;
  if (asked.length === 0) {
    const values = describeConditions(threshold.against!);
    throw new UserError(`it matches nothing: all cells have ${values}, with which they were to be compared`);
  }
  return { asked, against };
}

/**
 * Holds the cells of a study to a threshold.
 *
 * @param threshold asks of each cell that its `where` picks; of those that are what `against` says, it asks nothing
 * @param cells those that the threshold may be about
 * @param all cells of the study, among which counterparts are
 * @throws UserError where it is about no cell, or cannot be told: too few seeds, nothing to compare with, no such value
 */
export function evaluate(
  threshold: Threshold,
  cells: readonly Cell[],
  all: readonly Cell[],
): ThresholdResult {
  const { asked, against } = askedOf(threshold, cells, all);
  const results = asked.map((cell) =>
    against ? inPair(threshold, cell, counterpartOf(cell, against, all)) : alone(threshold, cell),
  );
  return {
    threshold,
    met: results.every(({ met }) => met),
    cells: results
      .map((result) => ({ result, order: favour(result, threshold) }))
      .sort((a, b) => a.order - b.order || byAttack(a.result, b.result))
      .map(({ result }) => result),
  };
}

function alone(threshold: Threshold, cell: Cell): CellResult {
  const problem = problemOf(cell);
  if (problem) return problem;
  const test = threshold.test as Bound;
  const value = statisticOf(threshold, cell);
  if (Number.isFinite(value)) return ofBound(test, cell, value);
  const met = value === Infinity && test.comparison.startsWith('>');
  return { cell, met, problem: unreachedBy(cell, threshold.quantity) };
}

function inPair(threshold: Threshold, cell: Cell, counterpart: Cell): CellResult {
  const { quantity, test } = threshold;
  // These are about the cell alone, whatever it stands beside.
  if (!('verdict' in test) && test.statistic !== 'difference')
    return { ...alone(threshold, cell), counterpart };
  const problem = problemOf(cell, counterpart);
  if (problem) return problem;
  const [values, others] = [valuesOf(cell, quantity), valuesOf(counterpart, quantity)];
  const unreached =
    unreachedBy(cell, quantity) ?? unreachedBy(counterpart, quantity, ' of what it is compared with');
  if (unreached !== undefined) return { cell, counterpart, met: false, problem: unreached };
  const { difference, welch } = compareMeans(values, others);
  if (!('verdict' in test)) return { ...ofBound(test, cell, difference), counterpart };
  if (!welch) {
    const single = cell.runs.length === 1 ? cell : counterpart;
    throw new UserError(
      `${single.label} has one seed, and telling more than noise takes two a side; test the difference instead`,
    );
  }
  const gain = sign(threshold) * difference;
  const { verdict, by } = test;
  const judged = by === undefined ? judge(verdict, gain, welch) : judgeBy(verdict, by, gain, welch);
  return { cell, counterpart, value: difference, ...judged };
}

/** "seed 2 never reaches it": of a target. */
function unreachedBy(cell: Cell, quantity: Quantity, whose = ''): string | undefined {
  const values = valuesOf(cell, quantity);
  const seeds = cell.runs.flatMap(({ seed }, k) => (values[k] === Infinity ? [seed] : []));
  if (seeds.length === 0) return undefined;
  return seeds.length > 1
    ? `seeds ${seeds.join(', ')}${whose} never reach it`
    : `seed ${seeds[0]}${whose} never reaches it`;
}

/** A run that ended early misses every threshold, its own and those that compare with it. */
function problemOf(cell: Cell, counterpart?: Cell): CellResult | undefined {
  for (const [each, whose] of [[cell, ''] as const, [counterpart, ' of what it is compared with'] as const]) {
    const early = each ? endedEarly(each) : [];
    if (early.length > 0) {
      const problem = describeEarly(early, whose);
      return { cell, counterpart, met: false, problem };
    }
  }
  return undefined;
}

/** "seed 2 ended early: the model diverged at update 31"; of several the reason of the first. */
function describeEarly(runs: readonly StudyRun[], whose: string): string {
  const seeds = runs.map(({ seed }) => seed).join(', ');
  const [{ seed, summary }] = runs;
  const reason = summary.message === undefined ? '' : `: ${summary.message}`;
  return runs.length > 1
    ? `seeds ${seeds}${whose} ended early${reason && ` (seed ${seed}${reason})`}`
    : `seed ${seeds}${whose} ended early${reason}`;
}

function statisticOf(threshold: Threshold, cell: Cell): number {
  const { quantity, test } = threshold;
  const statistic = 'statistic' in test ? test.statistic : 'mean';
  const values = valuesOf(cell, quantity);
  if (statistic === 'min') return Math.min(...values);
  if (statistic === 'max') return Math.max(...values);
  // A mean over times of which one never comes is never; there is no deviation of them.
  if (values.includes(Infinity)) return statistic === 'mean' ? Infinity : NaN;
  const { mean, deviation } = spread(values);
  if (statistic !== 'std') return mean;
  if (deviation === undefined)
    throw new UserError(`${cell.label} has one seed, and a deviation takes two: run more seeds`);
  return deviation;
}

function ofBound({ comparison, bound }: Bound, cell: Cell, value: number): CellResult {
  const margin = comparison.startsWith('>') ? value - bound : bound - value;
  const within = rounding * Math.max(1, Math.abs(bound));
  const met = comparison.endsWith('=') ? margin >= -within : margin > within;
  return { cell, met, value, margin };
}

/** 1 where more is better, -1 where less is. */
function sign({ better }: Threshold): number {
  return better === 'smaller' ? -1 : 1;
}

/** Whether a verdict is met, and the test that says so. */
interface Judged {
  met: boolean;
  welch: Welch;
}

/** Alone, `not worse` takes only that `worse` is not shown. */
function judge(verdict: Verdict, gain: number, welch: Welch): Judged {
  const better = welch.p < significance && gain > 0;
  const worse = welch.p < significance && gain < 0;
  const met = { better, worse, 'not better': !better, 'not worse': !worse };
  return { met: met[verdict], welch };
}

/** With a number all of them have to be shown: `not worse by 0.005`, that the gain is above -0.005. */
function judgeBy(verdict: Verdict, by: number, gain: number, test: Welch): Judged {
  const shown = {
    better: { difference: gain, bound: by },
    worse: { difference: -gain, bound: by },
    'not better': { difference: -gain, bound: -by },
    'not worse': { difference: gain, bound: -by },
  };
  const { difference, bound } = shown[verdict];
  const welch = testAbove({ difference, welch: test }, bound);
  return { met: welch.p < significance, welch };
}

/** Of equally bad cells the first attack, as in the worst cases of figures and reports. */
function byAttack(a: CellResult, b: CellResult): number {
  return naturally(a.cell.axes.get(axis.attack), b.cell.axes.get(axis.attack));
}

/** How far a result is on the good side, for finding the worst. */
function favour({ value, margin, welch }: CellResult, threshold: Threshold): number {
  const { test } = threshold;
  if (value === undefined) return -Number.MAX_VALUE;
  if (margin !== undefined) return margin;
  if (welch!.sided === 1) return -welch!.p;
  const gain = sign(threshold) * value;
  const confidence = Math.sign(gain) * (1 - welch!.p);
  return 'verdict' in test && ['worse', 'not better'].includes(test.verdict) ? -confidence : confidence;
}

/** "final.test_accuracy mean >= 0.95" */
export function nameOf(threshold: Threshold): string {
  return `${writeQuantity(threshold.quantity)} ${threshold.text}`;
}

/** "where attack = sign-flip against weighted = false"; empty for all cells. */
export function scopeOf({ where, against }: Threshold): string {
  const parts = [
    ...(Object.keys(where).length > 0 ? [`where ${describeConditions(where)}`] : []),
    ...(against ? [`against ${describeConditions(against)}`] : []),
  ];
  return parts.join(' ');
}
