import type { Definition, Keys, Values } from '../../base/definition.js';
import type { Random } from '../../base/random.js';
import type { Split } from '../dataset.js';

/** What training data are split by. */
export interface Labelled {
  /** One label an input, in [0, classes). */
  labels: Split['labels'];
  classes: number;
}

/** How training data are split over workers. Configs write `NAME`, or `{NAME: VALUE}` if it has a parameter. */
export interface SplitDefinition<K extends Keys = Keys> extends Definition<K> {
  /** At most one, of the split's own name. */
  parameters: K;
  /** What to take where a worker gets nothing, if fewer workers are not wanted: "a larger α". */
  remedy?: string;
  /** Indices of every worker's training inputs; all inputs are dealt out, each once. A shard may be empty. */
  create(parameters: Values<K>, data: Labelled, workers: number, random: Random): Uint32Array[];
}

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineSplit<K extends Keys>(definition: SplitDefinition<K>): SplitDefinition<K> {
  return definition;
}

/** In a resolved config; absent: all workers draw from one stream. */
export type SplitConfig = string | Record<string, number>;

/** What a worker has. */
export interface Shard {
  inputs: number;
  /** Of each label. */
  labels: number[];
}

/** How many inputs each shard has, and of which labels. */
export function describeShards(shards: readonly Uint32Array[], { labels, classes }: Labelled): Shard[] {
  return shards.map((indices) => {
    const counts = new Array<number>(classes).fill(0);
    for (const index of indices) counts[labels[index]]++;
    return { inputs: indices.length, labels: counts };
  });
}

/** Deals a list out in pieces that lie next to each other, their sizes in proportion to `shares`. */
export function deal(list: Uint32Array, shares: readonly number[]): Uint32Array[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  let [sum, from] = [0, 0];
  return shares.map((share, k) => {
    sum += share;
    const to = k === shares.length - 1 ? list.length : Math.round((sum / total) * list.length);
    const piece = list.subarray(from, to);
    from = to;
    return piece;
  });
}

/** Indices of all inputs in the order of their labels; those of one label in the order given. */
export function byLabel(indices: Uint32Array, labels: Labelled['labels']): Uint32Array {
  return indices.toSorted((a, b) => labels[a] - labels[b]);
}
