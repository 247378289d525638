import { axis, axisValues, type Axes } from '../config/axes.js';

/** Axes that a legend mentions first; the others follow in the order of configs. */
export const foremost: readonly string[] = [
  axis.rule,
  axis.mode,
  axis.weighted,
  axis.meta,
  axis.optimizer,
  axis.attack,
  axis.lambda,
];

/** The candidates, in order, that split runs which agree in the chosen axes and in the candidates before. */
export function tellingApart(
  runs: readonly { axes: Axes }[],
  chosen: readonly string[],
  candidates: readonly string[],
): string[] {
  const telling: string[] = [];
  for (const path of candidates) {
    const groups = groupBy(runs, ({ axes }) => keyOf(axes, [...chosen, ...telling]));
    if ([...groups.values()].some((group) => axisValues(group, path).length > 1)) telling.push(path);
  }
  return telling;
}

/** The items of each key, keys in the order of their first item. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Equal for runs that agree in these axes. */
export function keyOf(axes: Axes, paths: readonly string[]): string {
  return JSON.stringify(paths.map((path) => axes.get(path) ?? null));
}
