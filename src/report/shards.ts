import { stringify } from 'csv-stringify/sync';
import type { TopLevelSpec } from 'vega-lite';
import { UserError } from '../base/errors.js';
import { canonicalJson } from '../config/identity.js';
import { axis, axisPaths, axisValues } from '../config/axes.js';
import { groupBy, keyOf } from '../study/grouping.js';
import type { Labels } from '../study/labels.js';
import type { StudyRun } from '../study/study-run.js';
import type { FigureChoices } from './choices.js';
import { inOrder } from './series.js';
import { drawShards, type ShardsPanel } from './stacks.js';

/**
 * Describes a figure of what each worker has of the training data, by label: a panel for each way in which some runs
 * split them. A split is drawn from the seed; the first seed is shown.
 *
 * @throws UserError where no run splits its data, and for choices, of which there are none
 */
export function describeShards(
  runs: readonly StudyRun[],
  { kind: _, ...others }: FigureChoices,
  labels: Labels,
): { spec: TopLevelSpec; summary: string; notes: string[] } {
  const [choice] = Object.keys(others);
  if (choice !== undefined)
    throw new UserError(
      `invalid ${choice}: kind=shards has no choices (it shows inputs by worker and label)`,
    );
  const split = runs.filter(({ meta }) => meta.shards !== undefined);
  if (split.length === 0)
    throw new UserError(
      'missing shards: these runs do not split their training data (all workers draw from one stream, split: iid)',
    );
  const paths = shardPaths(split);
  const groups = [...groupBy(inOrder(split, paths), ({ axes }) => keyOf(axes, paths)).values()].map((group) =>
    group.toSorted((a, b) => a.seed - b.seed),
  );
  const telling = paths.filter(
    (path) => path === axis.split || (!isSplit(path) && axisValues(split, path).length > 1),
  );
  const panels = groups.map(([{ axes, meta }]): ShardsPanel => {
    const shards = meta.shards!;
    const names = meta.classes ?? shards[0].labels.map((_, label) => String(label));
    const titles = telling.filter((path) => axes.get(path) !== undefined);
    return {
      title: titles.map((path) => labels.value(path, axes.get(path))).join(', '),
      shards: shards.map(({ labels }) => labels),
      names,
      byzantine: Math.min(shards.length, Number(axes.get(axis.count) ?? 0)),
    };
  });
  const summary = stringify(
    [
      ['facet', 'worker', 'byzantine', 'label', 'inputs'],
      ...panels.flatMap(({ title, shards, names, byzantine }) =>
        shards.flatMap((counts, k) =>
          counts.map((inputs, label) => [title, k + 1, k >= shards.length - byzantine, names[label], inputs]),
        ),
      ),
    ],
    { cast: { boolean: String } },
  );
  const several = groups.some(
    (group) => new Set(group.map(({ meta }) => canonicalJson(meta.shards))).size > 1,
  );
  const seeds = [...new Set(groups.map(([{ seed }]) => seed))].sort((a, b) => a - b);
  return {
    spec: drawShards(panels),
    summary,
    notes: several ? [`data are split anew for every seed; this is seed ${seeds.join(' and ')}`] : [],
  };
}

/** What settles, with the seed, how data are split, and which workers are Byzantine. */
function shardPaths(runs: readonly StudyRun[]): string[] {
  const others = ['workers', axis.count];
  return axisPaths(runs).filter(
    (path) => isSplit(path) || path === 'dataset' || path.startsWith('dataset.') || others.includes(path),
  );
}

function isSplit(path: string): boolean {
  return path === 'split' || path.startsWith('split.');
}
