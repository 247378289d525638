import { axis, axisValues, type AxisValue } from '../../config/axes.js';
import type { Labels } from '../../study/labels.js';
import type { StudyRun } from '../../study/study-run.js';
import { listed } from './markup.js';

/** The values of the first of some paths that any run has, "a, b or c"; empty where there are none. */
export function words(
  runs: readonly StudyRun[],
  paths: readonly string[],
  wordOf: (value: AxisValue) => string = (value) => String(value),
): string {
  for (const path of paths) {
    const values = axisValues(runs, path).filter((value) => value !== undefined);
    if (values.length > 0) return listed([...new Set(values.map(wordOf))], 'or');
  }
  return '';
}

/** Those of which something is true, and the others. */
export function parted(
  runs: readonly StudyRun[],
  isTrue: (run: StudyRun) => boolean,
): [StudyRun[], StudyRun[]] {
  return [runs.filter(isTrue), runs.filter((run) => !isTrue(run))];
}

/** "asynchronous or synchronous" */
export function modes(runs: readonly StudyRun[], labels: Labels): string {
  return words(runs, [axis.mode], (value) => labels.value(axis.mode, value));
}
