import { isMapping, type Mapping } from '../base/mapping.js';
import type { Axes } from '../config/axes.js';

/**
 * The files that two runs, or a run and this machine, have different contents of; those that only one of them knows of
 * are not among them.
 */
export function differingFiles(a: Mapping, b: Mapping): string[] {
  return Object.keys(a).filter((name) => Object.hasOwn(b, name) && a[name] !== b[name]);
}

/** A run with its meta.json. */
interface Made {
  meta: Mapping;
}

interface MadeCell {
  axes: Axes;
  runs: readonly Made[];
}

/** What a run was made from: SHA-256 of the files of its data, by name. */
export function dataOf({ meta }: Made): Mapping {
  return isMapping(meta.dataset_sha256) ? meta.dataset_sha256 : {};
}

/** For each experiment whose runs were made from different data, a sentence. */
export function mixedData(runs: readonly (Made & { hash: string; path: string })[]): string[] {
  const first = new Map<string, (typeof runs)[number]>();
  const mixed = new Map<string, string>();
  for (const run of runs) {
    const other = first.get(run.hash);
    if (!other) first.set(run.hash, run);
    else if (!mixed.has(run.hash)) {
      const files = differingFiles(dataOf(other), dataOf(run));
      if (files.length > 0) {
        mixed.set(
          run.hash,
          `${other.path} and ${run.path} are seeds of one experiment on different data (${files.join(', ')}); ` +
            'byzsim run and byzsim sweep run again what is not of the data here',
        );
      }
    }
  }
  return [...mixed.values()];
}

/** A sentence where cells of two studies that name the same data were computed on different contents of it. */
export function differentData(pairs: readonly { a: MadeCell; b: MadeCell }[]): string[] {
  const files = pairs
    .filter(({ a, b }) => a.axes.get('dataset') === b.axes.get('dataset'))
    .flatMap(({ a, b }) =>
      a.runs.flatMap((run) => b.runs.flatMap((other) => differingFiles(dataOf(run), dataOf(other)))),
    );
  const names = [...new Set(files)];
  return names.length > 0 ? [`A and B were computed on different data (${names.join(', ')})`] : [];
}
