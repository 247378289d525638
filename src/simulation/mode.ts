import type { Attack } from '../attacks/create.js';
import type { ServerAttackConfig } from '../attacks/servers/server-attack.js';
import type { Definition, Keys, Values } from '../base/definition.js';
import type { StateTree } from '../base/state.js';
import type { Compute, Evaluation } from '../compute/compute.js';
import type { Section as ProfileSection } from '../compute/profile.js';
import type { Batch } from '../data/dataset.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { Arrivals } from './arrivals.js';
import type { FaultConfig, NetworkConfig, ServersConfig } from './byzsgd/config.js';
import type { Delays } from './byzsgd/delays.js';
import type { ServerAttack } from './byzsgd/servers.js';
import { commonColumns, type Column, type MetricsRow } from './columns.js';
import type { ExperimentConfig } from './config.js';
import type { Receiver } from './receiver.js';
import type { Server } from './server.js';

/** Keys at the top of a config that not all modes take, and that are more than values with bounds. */
export interface Sections {
  servers: ServersConfig;
  network: NetworkConfig;
  faults: FaultConfig[];
}

/** The mode's own keys, defaults filled in. */
export type ModeParameters<K extends Keys> = Values<K> & Partial<Sections>;

/** What is wrong with a key of a config. */
export interface Problem {
  path: string[];
  message: string;
}

/** A protocol between workers and servers. Its parameters are keys at the top of a config. */
export interface ModeDefinition<K extends Keys = Keys> extends Definition<K> {
  /** What a step is called. */
  unit: 'update' | 'round' | 'step';
  /** Whether messages count by their updates so far, where the config does not say and the rules can. */
  weighted: boolean;
  /** Beside the common ones. */
  columns: readonly Column[];
  /** Further ones where the rule takes messages one by one; absent: the mode plays no such rule. */
  arrivalColumns?: readonly Column[];
  /** The form of an optimizer that has several, where the config says none. */
  form?: string;
  /** Which of the sections a config may have. */
  sections?: readonly (keyof Sections)[];
  /** Keys of `byzantine` that it takes beside the common ones. */
  byzantine?: Keys;
  /** Whether workers arrive one by one, each at times of its own, or in every step all of them compute. */
  workers: 'one-by-one' | 'in-step';
  /** Defaults that depend on other keys; resolving a config spells them out. */
  defaults?(
    parameters: ModeParameters<K>,
    setting: { workers: number; byzantine: number },
  ): Partial<Values<K>> | undefined;
  /** How many messages the server's rule sees at a time, where these are not those of all workers. */
  messages?(parameters: ModeParameters<K>, workers: number): number;
  /** Says which numbers of nodes and messages are out of bounds, before rules are held to them. */
  bounds?(parameters: ModeParameters<K>, setting: { workers: number; byzantine: number }): Problem[];
  /** Says what in a config it cannot play, and which key that is. */
  check?(config: ExperimentConfig & Values<K>): Problem | undefined;
  create(parameters: ModeParameters<K>, parts: Parts): Simulation;
}

/** Keeps the parameter types of a definition while it is written as a plain object. */
export function defineMode<K extends Keys>(definition: ModeDefinition<K>): ModeDefinition<K> {
  return definition;
}

/** The columns that metrics.csv may have in some modes: the common ones, then those of each. */
export function columnsOf(modes: Iterable<ModeDefinition>): Column[] {
  const columns = [...modes].flatMap((mode) => runColumns(mode, mode.arrivalColumns !== undefined));
  return [...new Map([...commonColumns, ...columns].map((column) => [column.name, column])).values()];
}

/**
 * The columns of a run.
 * @param oneByOne whether its rule takes messages one by one
 */
export function runColumns(mode: ModeDefinition, oneByOne: boolean): Column[] {
  return [...commonColumns, ...mode.columns, ...((oneByOne && mode.arrivalColumns) || [])];
}

/** What is evaluated of a server. */
export type EvaluatedServer = Pick<Server, 'name' | 'model' | 'statistics'>;

/** An experiment as its mode plays it out, a step at a time. */
export interface Simulation {
  /**
   * Plays the next step.
   * @throws StoppedError where the protocol cannot go on
   */
  step(): Promise<void>;
  /** The servers that are not Byzantine: what is evaluated. Models are valid until the next step. */
  readonly servers: readonly EvaluatedServer[];
  /** A row, but for the evaluation: of the steps since it was called before. */
  report(): Report;
  /** Its columns that depend on the evaluations alone, in the order of the servers. */
  evaluated?(evaluations: readonly Evaluation[]): MetricsRow;
  /** What the run has found out by itself, for meta.json. */
  readonly found?: Readonly<Record<string, unknown>>;
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
  /** η_t of a server's step t = 1, 2, … */
  learningRate: (step: number) => number;
  /** Who arrives when, for a mode in which workers do not wait for each other. */
  createArrivals(): Arrivals;
  /** How long each worker takes for one more message, in the order of ids, for a mode in which they do. */
  createDurations(): () => number[];
  attack: Attack;
  /** Whether Byzantine workers send different servers different messages. */
  perServer: boolean;
  /** How Byzantine servers make their messages. */
  createServerAttack(config: ServerAttackConfig): ServerAttack;
  /** How long messages of one purpose take on their way. */
  createDelays(network: NetworkConfig, purpose: string): Delays;
  /** The greatest length of a worker's gradient; absent: any. */
  gradientClip?: number;
  /** The next batch of a worker, 0-based, from its own data if they are split. */
  drawBatch: (worker: number) => Batch;
  /** A server with a state of its own, which has a name where there are several. */
  createServer(name?: string): Server;
  /** The server where the rule takes messages one by one; absent where it takes all of them. */
  createReceiver?: () => Receiver;
  /** Where a mode registers what it remembers itself. */
  state: StateTree;
  /** Counts the time of what the mode does itself, where a run is measured. */
  measure: <T>(section: ProfileSection, body: () => T) => T;
}
