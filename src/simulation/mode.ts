import type { Attack } from '../attacks/create.js';
import type { Definition, Keys, Values } from '../base/definition.js';
import type { StateTree } from '../base/state.js';
import type { Compute } from '../compute/compute.js';
import type { Batch } from '../data/dataset.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { Arrivals } from './arrivals.js';
import { commonColumns, type Column, type MetricsRow } from './columns.js';
import type { ExperimentConfig } from './config.js';
import type { Server } from './server.js';

/** A protocol between workers and servers. Its parameters are keys at the top of a config. */
export interface ModeDefinition<K extends Keys = Keys> extends Definition<K> {
  /** What a step is called. */
  unit: 'update' | 'round' | 'step';
  /** Whether messages count by their updates so far, where the config does not say and the rules can. */
  weighted: boolean;
  /** Beside the common ones. */
  columns: readonly Column[];
  /** The form of an optimizer that has several, where the config says none. */
  form?: string;
  /** How many messages the server's rule sees at a time, where these are not those of all workers. */
  messages?(parameters: Values<K>, workers: number): number;
  /** Says what in a config it cannot play, and which key that is. */
  check?(config: ExperimentConfig): { path: string[]; message: string } | undefined;
  create(parameters: Values<K>, parts: Parts): Simulation;
}

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineMode<K extends Keys>(definition: ModeDefinition<K>): ModeDefinition<K> {
  return definition;
}

/** The columns of metrics.csv in some modes: the common ones, then those of each. */
export function columnsOf(modes: Iterable<ModeDefinition>): Column[] {
  const columns = [...commonColumns, ...[...modes].flatMap((mode) => mode.columns)];
  return [...new Map(columns.map((column) => [column.name, column])).values()];
}

/** An experiment as its mode plays it out, a step at a time. */
export interface Simulation {
  /**
   * Plays the next step.
   * @throws ExperimentError where the protocol cannot go on
   */
  step(): Promise<void>;
  /** The servers that are not Byzantine: what is evaluated. Models are valid until the next step. */
  readonly servers: readonly Server[];
  /** A row, but for the evaluation: of the steps since it was called before. */
  report(): Report;
}

export interface Report {
  /** Virtual time. */
  time: number;
  /** Passes over the training data. */
  epoch: number;
  /** Mean loss of the honest gradients that arrived; undefined where none did. */
  trainLoss: number | undefined;
  /** The mode's own columns. */
  columns: MetricsRow;
}

/** What an experiment is made of. A mode is only the order of events. */
export interface Parts {
  /** m */
  workers: number;
  /** How many workers, those with the last ids, are Byzantine. */
  byzantine: number;
  /** Training inputs in a gradient. */
  batchSize: number;
  /** Training inputs in one pass over the data. */
  passSize: number;
  compute: Compute;
  optimizer: Optimizer;
  /** Who arrives when, for a mode in which workers do not wait for each other. */
  createArrivals(): Arrivals;
  /** How long each worker takes for one more message, in the order of ids, for a mode in which they do. */
  createDurations(): () => number[];
  attack: Attack;
  /** The greatest length of a worker's gradient; absent: any. */
  gradientClip?: number;
  /** The next batch of a worker, 0-based, from its own data if they are split. */
  drawBatch: (worker: number) => Batch;
  /** A server with a state of its own, which has a name where there are several. */
  createServer(name?: string): Server;
  /** Where a mode registers what it remembers itself. */
  state: StateTree;
}
