import { z } from 'zod';
import type { Registry } from '../base/definition.js';
import type { Random } from '../base/random.js';
import type { Saved, StateTree, Stateful } from '../base/state.js';
import type { ClockDefinition } from './clocks/clock.js';
import { wholeAtLeast } from '../aggregators/arithmetic.js';
import { EventQueue } from './event-queue.js';

/** One update reaching the server. */
export interface Arrival {
  /** 0-based worker. */
  worker: number;
  /** Virtual time; in the long run m updates arrive per unit of time. */
  time: number;
}

/** Who arrives when; never depends on what the workers send. */
export interface Arrivals {
  next(): Arrival;
}

/** How a worker's speed follows from its id, and what that means, for `byzsim list arrivals`. */
export const speeds = {
  uniform: 'all workers are equally fast',
  id: 'speed ∝ id, counted from 1 within the honest and within the Byzantine workers',
  'id-squared': 'speed ∝ id², counted likewise',
} as const;

const speedNames = Object.keys(speeds) as (keyof typeof speeds)[];

/** Relative speeds, one per worker. */
export const weights = z.array(z.number().positive()).min(1);

/** What every clock takes beside its own parameters. */
export const clockKeys = {
  speed: z
    .union([z.enum(speedNames), weights])
    .default('uniform')
    .describe('how the speed grows with the id, or one relative speed per worker'),
};

export type Speed = z.output<typeof clockKeys.speed>;

/** How long each worker takes for a gradient, in virtual time. */
export const computeTimes = z.array(z.number().min(0)).min(1);

/**
 * A clock with its parameters, a recorded order of arrival, or constant compute times. `file` is absolute once loaded.
 */
export type ArrivalConfig = ClockConfig | { process: 'trace'; file: string } | { compute: number[] };
export type ClockConfig = { process: string; speed: Speed } & Record<string, unknown>;

/** Whether arrivals are replayed from a file. */
export function isTrace(arrival: ArrivalConfig): arrival is { process: 'trace'; file: string } {
  return 'process' in arrival && arrival.process === 'trace';
}

/** Whether workers take the same time in every step. */
export function isConstant(arrival: ArrivalConfig): arrival is { compute: number[] } {
  return !('process' in arrival);
}

/** What arrivals depend on. */
export interface ArrivalSetting {
  workers: number;
  byzantine: { count: number; lambda: number; schedule: 'random' | 'interval' };
  arrival: ArrivalConfig;
}

export interface ArrivalContext {
  clocks: Registry<ClockDefinition>;
  random: Random;
  state: StateTree;
  /** 0-based workers in order of arrival, for `process: trace`. */
  trace?: readonly number[];
}

/**
 * The arrival process of a config.
 *
 * Each worker has a clock whose gaps have mean 1/rate. Speeds are relative within a group (honest, Byzantine), and
 * ids count from 1 within it; the groups' total rates make λ of all updates Byzantine. Under `schedule: interval` every
 * ⌈1/λ⌉-th update is Byzantine, right behind the honest one before it, and the group's clocks only say whose it is.
 */
export function createArrivals(
  { workers, byzantine, arrival }: ArrivalSetting,
  { clocks, random, state, trace = [] }: ArrivalContext,
): Arrivals {
  if (isTrace(arrival)) return replay(trace, workers, state);
  if (isConstant(arrival)) throw new TypeError('compute times say nothing of arrivals');

  const { process, speed, ...parameters } = arrival;
  const gap = clocks.get(process)!.create(parameters, random);
  const honest = workers - byzantine.count;
  const interval =
    byzantine.schedule === 'interval' && byzantine.lambda > 0
      ? wholeAtLeast(1 / byzantine.lambda)
      : undefined;
  const share = interval ? 1 / interval : byzantine.lambda;
  const honestRates = groupRates(speed, 0, honest, (1 - share) * workers);
  const byzantineRates = groupRates(speed, honest, byzantine.count, share * workers);
  const start = (name: string, rates: readonly number[], firstWorker: number) => {
    const group = new Clocks(rates, firstWorker, gap);
    state.register(name, group);
    return group;
  };

  if (interval === undefined) return start('clocks', [...honestRates, ...byzantineRates], 0);
  return interleave(
    start('honest', honestRates, 0),
    start('byzantine', byzantineRates, honest),
    interval,
    state,
  );
}

/**
 * How long workers take where they do not wait for each other: a gap of each one's clock. Speeds are relative within a
 * group, honest or Byzantine, whose workers send one message each per unit of time on average; compute times are taken as
 * they are.
 */
export function createDurations(
  { workers, byzantine: { count }, arrival }: ArrivalSetting,
  { clocks, random }: Pick<ArrivalContext, 'clocks' | 'random'>,
): () => number[] {
  if (isTrace(arrival)) throw new TypeError('a trace says nothing of durations');
  if (isConstant(arrival)) return () => [...arrival.compute];
  const { process, speed, ...parameters } = arrival;
  const gap = clocks.get(process)!.create(parameters, random);
  const honest = workers - count;
  const rates = [...groupRates(speed, 0, honest, honest), ...groupRates(speed, honest, count, count)];
  return () => rates.map((rate) => gap() / rate);
}

/** Rates of the workers first..first+count-1, adding up to `total`. */
function groupRates(speed: Speed, first: number, count: number, total: number): number[] {
  const speeds = Array.from({ length: count }, (_, k) => {
    if (Array.isArray(speed)) return speed[first + k];
    return speed === 'uniform' ? 1 : speed === 'id' ? k + 1 : (k + 1) ** 2;
  });
  const sum = speeds.reduce((a, b) => a + b, 0);
  return speeds.map((value) => (value / sum) * total);
}

/** Independent renewal clocks. A worker of rate 0 never arrives. */
class Clocks implements Arrivals, Stateful {
  private readonly queue = new EventQueue<number>();

  constructor(
    private readonly rates: readonly number[],
    private readonly firstWorker: number,
    private readonly gap: () => number,
  ) {
    rates.forEach((rate, k) => rate > 0 && this.queue.push(gap() / rate, k));
  }

  next(): Arrival {
    const { time, event: k } = this.queue.pop();
    this.queue.push(time + this.gap() / this.rates[k], k);
    return { worker: this.firstWorker + k, time };
  }

  save(): Saved {
    return this.queue.save();
  }

  load(saved: Saved): void {
    this.queue.load(saved);
  }
}

function interleave(honest: Arrivals, byzantine: Arrivals, interval: number, state: StateTree): Arrivals {
  const last = state.remember('interleaved', { update: 0, time: 0 });
  return {
    next() {
      const { update, time } = last.value;
      const turn = update + 1;
      if (turn % interval === 0) {
        last.value = { update: turn, time };
        return { worker: byzantine.next().worker, time };
      }
      const arrival = honest.next();
      last.value = { update: turn, time: arrival.time };
      return arrival;
    },
  };
}

function replay(trace: readonly number[], workers: number, state: StateTree): Arrivals {
  const update = state.remember('replayed', 0);
  return {
    next() {
      const worker = trace[update.value++];
      return { worker, time: update.value / workers };
    },
  };
}
