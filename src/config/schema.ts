import { z } from 'zod';
import type { Keys } from '../base/definition.js';
import type { Sections } from '../simulation/mode.js';
import { modelKeys } from './kinds.js';
import { maxSeeds, maxUpdates } from '../base/limits.js';

/**
 * The config language: every key with its type, bounds, default and description. Parameters of rules, attacks, models,
 * optimizers and arrival processes stand with their definitions.
 */

/** A value that is resolved by its own function. */
const section = z.unknown().optional();

export const configKeys = {
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
      'expected a-z, A-Z or 0-9, then ".", "_" and "-" too, at most 100',
    )
    .optional()
    .describe("the folder of the results (default: the file's name)"),
  dataset: section.describe(
    'mnist | cifar10 | digits, or {table: FILE.csv, label: COLUMN}, {idx: FOLDER}, {points: FILE.csv}',
  ),
  split: section.describe(
    'the training data over workers: iid | {dirichlet: α} | {gamma: γ} | extreme (default: iid)',
  ),
  model: section.describe('a name, or a mapping with its parameters (default: the one for the data set)'),
  ...modelKeys,
  mode: section.describe('the protocol between workers and servers'),
  workers: z.int().min(1).max(10_000).describe('m, how many workers; the Byzantine ones have the last ids'),
  arrival: section.describe(
    'who arrives when: uniform | id | id-squared, {weights}, {trace}, {compute} or {process, speed}',
  ),
  byzantine: section.describe('who attacks, how often and how (default: nobody)'),
  aggregator: section.describe(
    "the server's rule: a name, or a mapping with its parameters, weighted and meta",
  ),
  optimizer: section.describe(
    'what workers send and how the server steps: a name, or a mapping with its parameters',
  ),
  batchSize: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('training inputs in a gradient (default: 16; cifar10: 8; points: 1)'),
  gradientClip: z
    .number()
    .positive()
    .optional()
    .describe("the greatest length of a worker's gradient: a longer one is cut to it (default: none)"),
  updates: z
    .int()
    .min(1)
    .max(maxUpdates)
    .describe(
      'how many steps servers make: arrivals in mode async, rounds in mode sync, steps in mode byzsgd',
    ),
  evaluate: section.describe('how often the model is tested'),
  seeds: z
    .array(z.int().min(0))
    .min(1)
    .max(maxSeeds)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'expected different seeds')
    .default([1])
    .describe('one run for each; a seed fixes everything that is drawn'),
  thresholds: section.describe('what results must meet, for byzsim check; no part of the experiment'),
  checkpoint: section.describe('how often the state of a run is kept; no part of the experiment'),
} satisfies Keys;

/** Keys that bear on no result. */
export const besideExperiment: readonly string[] = ['name', 'seeds', 'thresholds', 'checkpoint'];

export const defaultMode = 'async';

/** Keys at the top that only some modes take (`sections` of their definitions). */
export const sectionKeys = {
  servers: section.describe('how many servers there are, who of them attacks and how'),
  network: section.describe('how long messages take: {delay}, or synchronous'),
  faults: section.describe(
    'nodes that fall silent or crash: a list of {node, silentFrom, until} or {node, crashAt}',
  ),
} satisfies Keys & Record<keyof Sections, unknown>;

export const serversKeys = {
  count: z
    .int()
    .min(1)
    .max(1_000)
    .default(1)
    .describe('n_ps, how many servers; the Byzantine ones have the last ids'),
  byzantine: z.int().min(0).max(999).default(0).describe('f_ps, how many of them are Byzantine'),
  attack: section.describe(
    'what Byzantine servers send: a name, or a mapping with its parameters (default: none)',
  ),
  quorum: z
    .int()
    .min(1)
    .optional()
    .describe('q_ps, how many models a node waits for, its own included (default: count - byzantine)'),
} satisfies Keys;

export const networkKeys = {
  delay: section.describe(
    'how long a message takes: a number, a clock with its mean, or {links: FILE} (default: exponential)',
  ),
} satisfies Keys;

const virtualTime = z.number().min(0);

export const faultKeys = {
  node: z.string().describe('s1, s2, ... for servers, w1, w2, ... for workers'),
  silentFrom: virtualTime.optional().describe('from when on it sends nothing, in virtual time'),
  until: virtualTime.optional().describe('from when on it sends again (default: never)'),
  crashAt: virtualTime.optional().describe('from when on it does nothing any more'),
} satisfies Keys;

/** The keys in each of the sections; of faults, those of every one in the list. */
export const keysInSections = {
  servers: serversKeys,
  network: networkKeys,
  faults: faultKeys,
} satisfies Record<keyof Sections, Keys>;

/** What makes a config a sweep, which `byzsim sweep` runs. */
export const sweepKeys = {
  matrix: section.describe('the axes: dotted paths of keys, each with the list of its values'),
  exclude: section.describe('combinations to leave out: a list of mappings from axes to values'),
  include: section.describe('what to add to the combinations that agree, or else combinations to add'),
  slurm: section.describe(
    'options of sbatch for --launcher slurm, such as mem: 4G; setup: lines of shell before',
  ),
  figures: section.describe('what byzsim reproduce draws, by name: choices of byzsim plot, and where'),
} satisfies Keys;

export const byzantineKeys = {
  count: z.int().min(0).max(9_999).default(0).describe('how many workers are Byzantine; fewer than workers'),
  lambda: z
    .number()
    .min(0)
    .lt(0.5)
    .optional()
    .describe('λ, the fraction of updates that are Byzantine in the long run (default: count / workers)'),
  schedule: z
    .enum(['random', 'interval'])
    .default('random')
    .describe(
      'random: Byzantine arrivals are drawn at the rate λ; interval: every ⌈1/λ⌉-th update is Byzantine',
    ),
  attack: section.describe(
    'what Byzantine workers send: a name, or a mapping with its parameters (default: none)',
  ),
} satisfies Keys;

export const evaluateKeys = {
  every: z
    .int()
    .min(1)
    .max(maxUpdates)
    .optional()
    .describe(
      'updates between evaluations (default: 150, or updates if fewer); the last update is always evaluated',
    ),
} satisfies Keys;

export const checkpointKeys = {
  every: z
    .int()
    .min(1)
    .max(maxUpdates)
    .describe('updates from one checkpoint to the next (without checkpoint: one every 5 minutes)'),
} satisfies Keys;

/** What configs may write beside the names of `speeds`, for `byzsim list arrivals` and editors. */
export const otherArrivals = {
  weights: 'relative speeds, one per worker: {weights: [1, 1, 5]}',
  trace: 'a recorded order of arrival: {trace: FILE}, one worker id per line, from 1',
  compute:
    'how long each worker takes for a gradient: {compute: [1, 1.5, 0.2]}, where all compute in every step',
};

/** As in the published experiments: every 150 updates. */
export function defaultEvaluateEvery(updates: number): number {
  return Math.min(150, updates);
}

/**
 * Where a name may stand for a mapping, and the key of that mapping which the name fills. `*` is any index of a list.
 */
export const shorthands: Readonly<Record<string, string>> = {
  dataset: 'name',
  model: 'name',
  arrival: 'speed',
  aggregator: 'rule',
  'aggregator.meta.*': 'rule',
  optimizer: 'name',
  'byzantine.attack': 'attack',
  'byzantine.attack.as': 'attack',
  'servers.attack': 'attack',
  'network.delay': 'process',
};
