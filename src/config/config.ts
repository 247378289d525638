import type { Tie } from '../compute/vectors/vectors.js';
import type { ThresholdGroup } from './thresholds.js';

/** A resolved config: every default filled in, every name known, every bound checked. See schema.ts. */
export interface Config {
  name: string;
  dataset: { name: 'mnist' | 'cifar10' | 'digits' } | PointsConfig;
  /** The model's name and its own parameters. */
  model: { name: string } & Record<string, unknown>;
  /** Starting point of the model, d numbers; absent: drawn from the seed. */
  initial?: number[];
  mode: 'async';
  /** m: how many workers; the last `byzantine.count` ids are Byzantine. */
  workers: number;
  arrival: ArrivalConfig;
  byzantine: {
    count: number;
    /** λ: fraction of all updates that are Byzantine in the long run, in [0, 0.5). */
    lambda: number;
    schedule: 'random' | 'interval';
    attack: AttackConfig;
  };
  aggregator: AggregatorConfig;
  optimizer: OptimizerConfig;
  batchSize: number;
  updates: number;
  evaluate: { every: number };
  seeds: number[];
  /** What results must meet; no part of the experiment. Absent: nothing is said. */
  thresholds?: ThresholdGroup[];
}

/** `file` is absolute once loaded. */
export interface PointsConfig {
  name: 'points';
  file: string;
}

/** Speeds count ids within each group (honest, Byzantine), from 1. A list gives every worker's relative speed. */
export type Speed = 'uniform' | 'id' | 'id-squared' | number[];

export type ArrivalConfig =
  | { process: 'exponential'; speed: Speed }
  | { process: 'deterministic'; speed: Speed }
  | { process: 'lognormal'; speed: Speed; sigma: number }
  | { process: 'pareto'; speed: Speed; alpha: number }
  | { process: 'trace'; file: string };

/** The rule's name, its parameters, whether weights count, and the meta-aggregators around it, left to right. */
export type AggregatorConfig = { rule: string; weighted: boolean; meta: MetaConfig[]; tie?: Tie } & Record<
  string,
  unknown
>;
export type MetaConfig = { rule: string } & Record<string, unknown>;

/** The attack's name and its parameters. */
export type AttackConfig = { attack: string } & Record<string, unknown>;

export type OptimizerConfig =
  | { name: 'sgd'; learningRate: number }
  | { name: 'momentum'; learningRate: number; beta: number }
  | { name: 'mu2-sgd'; learningRate: number; form: 'fixed'; beta: number; gamma: number }
  | { name: 'mu2-sgd'; learningRate: number; form: 'theory' | 'published' };
