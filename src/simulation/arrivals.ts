import { wholeAtLeast } from '../aggregators/arithmetic.js';
import type { ArrivalConfig, Config, Speed } from '../config/config.js';
import { EventQueue } from './event-queue.js';
import type { Random } from './streams.js';

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

type ClockConfig = Exclude<ArrivalConfig, { process: 'trace' }>;

/**
 * The arrival process of a config.
 *
 * Each worker has a clock whose gaps have mean 1/rate. Speeds are relative within a group (honest, Byzantine), and
 * ids count from 1 within it; the groups' total rates make λ of all updates Byzantine. Under `schedule: interval` every
 * ⌈1/λ⌉-th update is Byzantine, right behind the honest one before it, and the group's clocks only say whose it is.
 *
 * @param trace 0-based workers in order of arrival, for `process: trace`
 */
export function createArrivals(
  config: Pick<Config, 'workers' | 'byzantine' | 'arrival'>,
  random: Random,
  trace: readonly number[] = [],
): Arrivals {
  const { workers, byzantine, arrival } = config;
  if (arrival.process === 'trace') return replay(trace, workers);

  const honest = workers - byzantine.count;
  const interval =
    byzantine.schedule === 'interval' && byzantine.lambda > 0
      ? wholeAtLeast(1 / byzantine.lambda)
      : undefined;
  const share = interval ? 1 / interval : byzantine.lambda;
  const honestRates = groupRates(arrival.speed, 0, honest, (1 - share) * workers);
  const byzantineRates = groupRates(arrival.speed, honest, byzantine.count, share * workers);
  const gap = gaps(arrival, random);

  if (interval === undefined) return new Clocks([...honestRates, ...byzantineRates], 0, gap);
  return interleave(new Clocks(honestRates, 0, gap), new Clocks(byzantineRates, honest, gap), interval);
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

/** Draws the gap to a worker's next arrival, with mean 1. */
function gaps(arrival: ClockConfig, random: Random): () => number {
  switch (arrival.process) {
    case 'exponential':
      return () => -Math.log1p(-random());
    case 'deterministic':
      return () => 1;
    case 'lognormal':
      return () => Math.exp(arrival.sigma * gaussian(random) - arrival.sigma ** 2 / 2);
    case 'pareto':
      return () => ((arrival.alpha - 1) / arrival.alpha) * (1 - random()) ** (-1 / arrival.alpha);
  }
}

/** A standard normal draw (Box-Muller). */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log1p(-random())) * Math.cos(2 * Math.PI * random());
}

/** Independent renewal clocks. A worker of rate 0 never arrives. */
class Clocks implements Arrivals {
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
}

function interleave(honest: Arrivals, byzantine: Arrivals, interval: number): Arrivals {
  let update = 0;
  let time = 0;
  return {
    next() {
      update++;
      if (update % interval === 0) return { worker: byzantine.next().worker, time };
      const arrival = honest.next();
      time = arrival.time;
      return arrival;
    },
  };
}

function replay(trace: readonly number[], workers: number): Arrivals {
  let update = 0;
  return {
    next() {
      const worker = trace[update++];
      return { worker, time: update / workers };
    },
  };
}
