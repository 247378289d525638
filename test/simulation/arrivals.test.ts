import { describe, expect, test } from 'vitest';
import { registry } from '../../src/base/definition.js';
import { StateTree } from '../../src/base/state.js';
import { createArrivals, type Arrival, type ArrivalConfig } from '../../src/simulation/arrivals.js';
import { clocks } from '../../src/simulation/clocks/index.js';
import { randomStream } from '../../src/base/random.js';

function draw(
  arrival: ArrivalConfig,
  {
    count = 40_000,
    workers = 9,
    byzantine = 4,
    lambda = 0.4,
    schedule = 'random' as 'random' | 'interval',
    seed = 1,
    trace = [] as number[],
  } = {},
): Arrival[] {
  const config = { workers, arrival, byzantine: { count: byzantine, lambda, schedule } };
  const context = {
    clocks: registry(clocks),
    random: randomStream(seed, 'arrivals'),
    state: new StateTree(),
    trace,
  };
  const arrivals = createArrivals(config, context);
  return Array.from({ length: count }, () => arrivals.next());
}

function shares(arrivals: Arrival[], workers = 9): number[] {
  const counts = new Array<number>(workers).fill(0);
  for (const { worker } of arrivals) counts[worker]++;
  return counts.map((count) => count / arrivals.length);
}

/** Shares λ and 1-λ, split by speeds that count ids within each group. */
function expectedShares(speed: (id: number) => number, lambda: number): number[] {
  const group = (count: number, total: number) => {
    const speeds = Array.from({ length: count }, (_, k) => speed(k + 1));
    const sum = speeds.reduce((a, b) => a + b);
    return speeds.map((value) => (total * value) / sum);
  };
  return [...group(5, 1 - lambda), ...group(4, lambda)];
}

describe('shares of the workers', () => {
  const laws = { uniform: () => 1, id: (id: number) => id, 'id-squared': (id: number) => id ** 2 } as const;
  for (const [speed, law] of Object.entries(laws)) {
    for (const process of ['exponential', 'deterministic', 'lognormal', 'pareto'] as const) {
      test(`${process} clocks, speed ${speed}: λ of all updates, ∝ speed within each group`, () => {
        const parameters = {
          process,
          speed: speed as keyof typeof laws,
          sigma: 1,
          alpha: 2.5,
        } as ArrivalConfig;
        const actual = shares(draw(parameters));
        // 40,000 draws: three standard deviations of a share are below 0.008, heavier clocks included.
        expectedShares(law, 0.4).forEach((share, k) =>
          expect(Math.abs(actual[k] - share)).toBeLessThan(0.012),
        );
      });
    }
  }

  test('weights give every worker its own relative speed', () => {
    const actual = shares(draw({ process: 'exponential', speed: [1, 1, 1, 1, 6, 2, 2, 2, 4] }));
    [0.06, 0.06, 0.06, 0.06, 0.36, 0.08, 0.08, 0.08, 0.16].forEach((share, k) =>
      expect(Math.abs(actual[k] - share)).toBeLessThan(0.012),
    );
  });

  test('λ = 0: Byzantine workers never arrive', () => {
    expect(
      draw({ process: 'exponential', speed: 'id' }, { lambda: 0, count: 1000 }).every((a) => a.worker < 5),
    ).toBe(true);
  });
});

describe('many slow Byzantine workers, or few fast ones', () => {
  const groups = [
    { workers: 17, byzantine: 8, lambda: 0.1 },
    { workers: 17, byzantine: 1, lambda: 0.4 },
    { workers: 5, byzantine: 4, lambda: 0.05 },
  ];
  const ofGroup = (
    arrival: ArrivalConfig,
    group: (typeof groups)[number],
    schedule: 'random' | 'interval',
  ) => {
    const all = draw(arrival, { ...group, schedule });
    return all.filter(({ worker }) => worker >= group.workers - group.byzantine).length / all.length;
  };
  for (const process of ['exponential', 'deterministic', 'lognormal', 'pareto'] as const) {
    for (const speed of ['uniform', 'id', 'id-squared'] as const) {
      test.each(groups)(
        `${process} clocks, speed ${speed}: λ of all updates are theirs, with %o`,
        (group) => {
          const arrival = { process, speed, sigma: 1, alpha: 2.5 } as ArrivalConfig;
          expect(Math.abs(ofGroup(arrival, group, 'random') - group.lambda)).toBeLessThan(0.012);
          const interval = Math.ceil(1 / group.lambda);
          expect(ofGroup(arrival, group, 'interval')).toBeCloseTo(1 / interval, 4);
        },
      );
    }
  }
});

test('on average m updates arrive a unit of time', () => {
  for (const schedule of ['random', 'interval'] as const) {
    const arrivals = draw({ process: 'exponential', speed: 'id-squared' }, { schedule });
    expect(arrivals.length / arrivals.at(-1)!.time / 9).toBeCloseTo(1, 1);
  }
});

test('time never runs backwards', () => {
  for (const schedule of ['random', 'interval'] as const) {
    const times = draw({ process: 'pareto', speed: 'id', alpha: 1.5 }, { count: 2000, schedule }).map(
      (a) => a.time,
    );
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
});

test('schedule interval: every ⌈1/λ⌉-th update is Byzantine', () => {
  for (const [lambda, interval] of [
    [0.4, 3],
    [0.3, 4],
    [0.2, 5],
    [0.1, 10],
    [0.49, 3],
    [1 / 3, 3],
    // 1 / (1 / 49) is a little more than 49 in float64, and 98 / 2 likewise.
    [1 / 49, 49],
    [2 / 98, 49],
  ]) {
    const arrivals = draw(
      { process: 'exponential', speed: 'id' },
      { lambda, schedule: 'interval', count: 600 },
    );
    arrivals.forEach(({ worker }, k) => expect(worker >= 5).toBe((k + 1) % interval === 0));
  }
});

test('deterministic clocks arrive at multiples of their period', () => {
  const arrivals = draw(
    { process: 'deterministic', speed: [1, 2] },
    { workers: 2, byzantine: 0, lambda: 0, count: 6 },
  );
  // Rates 2/3 and 4/3; at equal times the worker that was waiting longer comes first.
  expect(arrivals.map(({ worker, time }) => [worker, Number(time.toFixed(9))])).toEqual([
    [1, 0.75],
    [0, 1.5],
    [1, 1.5],
    [1, 2.25],
    [0, 3],
    [1, 3],
  ]);
});

test('a trace is replayed', () => {
  const trace = [2, 2, 4, 1];
  expect(draw({ process: 'trace', file: '' }, { count: 4, trace }).map((a) => a.worker)).toEqual(trace);
});

test('the same seed draws the same arrivals, another seed others', () => {
  const config: ArrivalConfig = { process: 'exponential', speed: 'id' };
  expect(draw(config, { count: 50 })).toEqual(draw(config, { count: 50 }));
  expect(draw(config, { count: 50 })).not.toEqual(draw(config, { count: 50, seed: 2 }));
});
