import { axis, axisPaths, axisValues, naturally, type Axes } from '../config/axes.js';
import type { Labels } from '../study/labels.js';
import type { StudyRun } from '../study/study-run.js';
import { foremost, groupBy, keyOf, tellingApart } from '../study/grouping.js';
import { assignStrokes, type Stroke } from './strokes.js';

/** One line of a figure, or one row of a heatmap: runs that differ in nothing but their seed and their panel. */
export interface Series extends Stroke {
  label: string;
}

/** Which runs belong together: one panel for each value of an axis (or one in all), in each panel the series. */
export interface Arrangement {
  /** Titles, in order. */
  panels: string[];
  /** In the order of the legend. */
  series: Series[];
  panelOf: (run: StudyRun) => string;
  seriesOf: (run: StudyRun) => Series;
}

/** Values that go with a panel's title if they differ from panel to panel. */
const panelDetails: readonly string[] = [axis.lambda, axis.count];

export interface ArrangementChoice {
  /** The axis of panels. */
  panel: string | undefined;
  /** The axis of colours. */
  colour: string;
  /** An axis that tells runs apart but not series, as the attacks that a worst case is taken over. */
  pooled?: string;
}

/**
 * Sorts runs into panels and series. Besides the axes chosen, a series is told apart by every axis that the chosen ones
 * do not settle: the λ that comes with an attack is no series of its own if attacks have panels.
 */
export function arrange(
  runs: readonly StudyRun[],
  { panel, colour, pooled }: ArrangementChoice,
  labels: Labels,
): Arrangement {
  const paths = axisPaths(runs);
  const chosen = [panel, colour, pooled].filter((path) => path !== undefined);
  const candidates = [...foremost, ...paths].filter((path) => !chosen.includes(path));
  const telling = tellingApart(runs, chosen, [...new Set(candidates)]);
  const label = labeller(runs, { panel, colour }, telling, labels);

  const seriesKey = (axes: Axes) => keyOf(axes, [colour, ...telling]);
  const firsts = [
    ...new Map(inOrder(runs, [colour, ...telling]).map(({ axes }) => [seriesKey(axes), axes])).values(),
  ];
  const variants = [...new Set(inOrder(runs, telling).map(({ axes }) => keyOf(axes, telling)))];
  const strokes = assignStrokes(
    colour,
    firsts.map((axes) => ({ value: axes.get(colour), variant: variants.indexOf(keyOf(axes, telling)) })),
    labels,
  );
  const series = firsts.map((axes, k) => ({ label: label(axes), ...strokes[k] }));
  const byKey = new Map(firsts.map((axes, k) => [seriesKey(axes), series[k]]));

  const panelOf = panelTitles(runs, panel, labels);
  return {
    panels: [...new Set(inOrder(runs, panel === undefined ? [] : [panel]).map(panelOf))],
    series,
    panelOf,
    seriesOf: ({ axes }) => byKey.get(seriesKey(axes))!,
  };
}

/** Names a series by its colour's value and by what differs among the series of this colour. */
function labeller(
  runs: readonly StudyRun[],
  { panel, colour }: Pick<ArrangementChoice, 'panel' | 'colour'>,
  telling: readonly string[],
  labels: Labels,
): (axes: Axes) => string {
  // What differs between panels only, a series has of several kinds.
  const panels = [...groupBy(runs, ({ axes }) => panel && axes.get(panel)).values()];
  const varies = (path: string) => panels.some((group) => axisValues(group, path).length > 1);
  const shown = { weighted: varies(axis.weighted), meta: varies(axis.meta) };
  const withRule = [colour, ...telling].includes(axis.rule);
  const ofColour = groupBy(runs, ({ axes }) => axes.get(colour));
  return (axes) => {
    const group = ofColour.get(axes.get(colour))!;
    const parts = [colour, ...telling.filter((path) => axisValues(group, path).length > 1)].map((path) => {
      if (withRule && path === axis.rule) return labels.rule(axes, shown);
      if (withRule && (path === axis.weighted || path === axis.meta)) return '';
      return axes.get(path) === undefined ? '' : labels.value(path, axes.get(path));
    });
    return parts.filter(Boolean).join(', ') || labels.value(colour, undefined);
  };
}

function panelTitles(
  runs: readonly StudyRun[],
  panel: string | undefined,
  labels: Labels,
): (run: StudyRun) => string {
  if (panel === undefined) return () => '';
  const panels = [...groupBy(runs, ({ axes }) => axes.get(panel)).values()];
  const details = panelDetails.filter(
    (path) =>
      path !== panel &&
      axisValues(runs, path).length > 1 &&
      panels.every((group) => axisValues(group, path).length === 1),
  );
  return ({ axes }) => [panel, ...details].map((path) => labels.value(path, axes.get(path))).join(', ');
}

/**
 * Runs in an order that is the same wherever they come from: tables of a study have them in another one than its folders,
 * and means, and what is told first of a series, go by the order.
 */
export function inFixedOrder(runs: readonly StudyRun[]): StudyRun[] {
  return runs.toSorted(
    (a, b) => naturally(a.summary.slug, b.summary.slug) || naturally(a.hash, b.hash) || a.seed - b.seed,
  );
}

/** Runs by their values of some axes, each in natural order. */
export function inOrder(runs: readonly StudyRun[], paths: readonly string[]): StudyRun[] {
  const orders = (a: StudyRun, b: StudyRun) =>
    paths.map((path) => naturally(a.axes.get(path), b.axes.get(path)));
  return [...runs].sort((a, b) => orders(a, b).find((order) => order !== 0) ?? 0);
}
