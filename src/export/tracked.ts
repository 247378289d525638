import { join } from 'node:path';
import { axesOf } from '../config/axes.js';
import type { Mapping } from '../base/mapping.js';
import { readMetrics } from '../results/metrics-file.js';
import { readText } from '../results/reading.js';
import type { MetricsRow } from '../simulation/columns.js';
import type { Hyperparameters } from './event.js';

/** What trackers are told of a run. */
export interface Tracked {
  /** Of the experiment. */
  name: string;
  slug: string;
  hash: string;
  seed: number;
  hyperparameters: Hyperparameters;
  /** Seconds since 1970. */
  started: number;
}

/** "figure-a/w-cwmed-sign-flip-mu2-sgd-0a1b2c3d/seed-1" */
export function pathOf({ name, slug, hash, seed }: Omit<Tracked, 'hyperparameters' | 'started'>): string {
  return `${name}/${slug}-${hash.slice(0, 8)}/seed-${seed}`;
}

/** Every axis of a resolved config, and the seed. */
export function hyperparametersOf(config: Mapping, hash: string, seed: number): Hyperparameters {
  const given = [...axesOf(config, hash)].filter(([, value]) => value !== undefined);
  return { ...(Object.fromEntries(given) as Hyperparameters), seed };
}

/** The numbers of a row, without its update. */
export function valuesOf({ update: _update, ...values }: MetricsRow): Record<string, number> {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as Record<string, number>;
}

/** Seconds of wall time since a run began, for each row of a run folder that has one in timing.csv. */
export function readTimes(folder: string): Map<number, number> {
  const [, ...lines] = readText(join(folder, 'timing.csv'))?.trimEnd().split('\n') ?? [];
  const pairs = lines.map((line) => line.split(',').map(Number));
  return new Map(pairs.map(([update, seconds]) => [update, seconds]));
}

/** The rows of a run folder so far. */
export function readRows(folder: string): readonly MetricsRow[] {
  return readMetrics(folder)?.rows ?? [];
}
