import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serverAttacks } from '../../src/attacks/servers/index.js';
import { ExperimentError } from '../../src/base/errors.js';
import { HostVectors } from '../../src/compute/vectors/host.js';
import { medianOf } from '../../src/simulation/byzsgd/servers.js';
import type { Row } from '../../src/simulation/driver.js';
import type { ModeDefinition } from '../../src/simulation/mode.js';
import { byzsgd } from '../../src/simulation/modes/byzsgd.js';
import { fakeParts, optimizers, play } from '../support/parts.js';

/**
 * What ByzSGD promises, over random sizes, networks, compute times and attacks: messages take any time from 0 to 9, in
 * whole numbers, so that ties are frequent.
 */

const mode = byzsgd as ModeDefinition;

interface Case {
  servers: number;
  byzantineServers: number;
  serverQuorum: number;
  workers: number;
  byzantineWorkers: number;
  quorum: number;
  attack: string;
  dimension: number;
  seed: number;
}

/** Sizes and quorums within the bounds. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    byzantineServers: fc.integer({ min: 0, max: 2 }),
    moreServers: fc.nat(2),
    byzantineWorkers: fc.integer({ min: 0, max: 2 }),
    moreWorkers: fc.nat(2),
    waits: fc.tuple(fc.nat(9), fc.nat(9)),
    attack: fc.constantFrom(...serverAttacks.map(({ name }) => name)),
    dimension: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(1e6),
  })
  .map(({ byzantineServers: f, moreServers, byzantineWorkers: g, moreWorkers, waits, ...rest }) => {
    const servers = 3 * f + 2 + moreServers;
    const workers = 3 * g + 1 + moreWorkers;
    const within = (least: number, most: number, pick: number) => least + (pick % (most - least + 1));
    return {
      servers,
      byzantineServers: f,
      serverQuorum: within(2 * f + 2, servers - f, waits[0]),
      workers,
      byzantineWorkers: g,
      quorum: within(2 * g + 1, workers - g, waits[1]),
      ...rest,
    };
  });

/** A number for some names, the same each time: whole, from 0 to 9. */
function draw(seed: number, ...names: readonly (string | number)[]): number {
  let hash = seed;
  for (const letter of names.join(' ')) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) % 1_000_003;
  return Math.abs(Math.imul(hash, 2_654_435_761) >> 7) % 10;
}

function run(
  {
    servers,
    byzantineServers,
    serverQuorum,
    workers,
    byzantineWorkers,
    quorum,
    attack,
    dimension,
    seed,
  }: Case,
  { steps = 4, gatherEvery = 1, faults = [] as object[] } = {},
): Promise<Row[]> {
  const points = Array.from({ length: workers * 3 }, (_, k) =>
    Array.from({ length: dimension }, (_, i) => draw(seed, 'point', k, i) - 5),
  );
  const parts = fakeParts({
    points,
    workers,
    byzantine: byzantineWorkers,
    attack: { kind: 'estimator', labels: 'true', sign: -1 },
    rule: { rule: 'mda', f: byzantineWorkers },
    optimizer: optimizers.sgd(0.5),
    durations: [0, 1, 2].map((round) =>
      Array.from({ length: workers }, (_, id) => draw(seed, 'compute', round, id)),
    ),
    delays: (from, to) => draw(seed, from, to),
  });
  return play(mode, parts, steps, {
    parameters: {
      servers: {
        count: servers,
        byzantine: byzantineServers,
        attack: defaultsOf(attack),
        quorum: serverQuorum,
      },
      network: { delay: { process: 'deterministic', mean: 1 } },
      gatherEvery,
      quorum,
      faults,
    },
  });
}

function defaultsOf(attack: string): { attack: string } & Record<string, unknown> {
  const { parameters } = serverAttacks.find(({ name }) => name === attack)!;
  const defaults = Object.entries(parameters).map(([key, type]) => [key, type.parse(undefined)]);
  return { attack, ...(Object.fromEntries(defaults) as Record<string, unknown>) };
}

/** Models by correct server. */
const modelsOf = ({ iterates }: Row) => Object.values(iterates!).map((model) => Array.from(model));

const rounding = 1e-9;

describe('whatever Byzantine servers send', () => {
  test('in one dimension no gather widens the spread of the correct servers', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        const rows = await run({ ...drawn, dimension: 1 });
        for (const { values } of rows)
          expect(values.drift_after).toBeLessThanOrEqual(values.drift_before! + rounding);
      }),
      { numRuns: 150 },
    );
  });

  test('a gather leaves no correct server outside the range of the correct ones, in any coordinate', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        // The same steps without the last gather and with it.
        const before = modelsOf((await run(drawn, { steps: 2, gatherEvery: 0 }))[1]);
        const after = modelsOf((await run(drawn, { steps: 2, gatherEvery: 2 }))[1]);
        after.forEach((model) => model.forEach((value, i) => expectWithin(value, column(before, i))));
      }),
      { numRuns: 150 },
    );
  });

  test('so does the median of a quorum, whatever f of its models are', () => {
    const models = fc.nat(3).chain((f) =>
      fc.record({
        f: fc.constant(f),
        models: fc.array(
          fc.tuple(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.integer({ min: -9, max: 9 })),
          {
            minLength: 2 * f + 2,
            maxLength: 2 * f + 5,
          },
        ),
      }),
    );
    const vectors = new HostVectors(2, Float64Array);
    fc.assert(
      fc.property(models, ({ f, models }) => {
        const median = vectors.toHost(
          medianOf(
            models.map((model) => vectors.fromHost(model)),
            vectors,
          ),
        );
        for (const i of [0, 1]) expectWithin(median[i], column(models.slice(f), i));
      }),
    );
  });
});

describe('f nodes that are silent or have crashed', () => {
  const fault = fc.constantFrom('silentFrom', 'crashAt');

  test('let everything go on; one more stops the run with a sentence that names the quorum', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fault, fc.boolean(), fc.nat(6), async (drawn, kind, ofServers, time) => {
        const full = {
          ...drawn,
          serverQuorum: drawn.servers - drawn.byzantineServers,
          quorum: drawn.workers - drawn.byzantineWorkers,
        };
        // Of what is there to be silent, the Byzantine ones and those with faults do not overlap.
        const f = ofServers ? full.byzantineServers : full.byzantineWorkers;
        const calm = { ...full, attack: 'none' };
        const faults = (count: number) =>
          Array.from({ length: count }, (_, k) => ({
            node: `${ofServers ? 's' : 'w'}${k + 1}`,
            [kind]: time,
          }));
        const rows = await run(calm, { steps: 6, faults: faults(f) });
        expect(rows).toHaveLength(6);
        for (const { values } of rows) expect(Number.isFinite(values.test_loss)).toBe(true);
        const stopped = run(calm, { steps: 20, faults: faults(f + 1) });
        await expect(stopped).rejects.toThrow(ExperimentError);
        await expect(stopped).rejects.toThrow(
          /^quorum not met in step \d+: [sw]\d+ waits for \d+ (models|gradients) of others and gets \d+ \([sw]1 (is silent|has crashed)/,
        );
      }),
      { numRuns: 60 },
    );
  });
});

test('a run in which all crash at once ends with a sentence too', async () => {
  const sizes = {
    servers: 2,
    byzantineServers: 0,
    serverQuorum: 2,
    workers: 1,
    byzantineWorkers: 0,
    quorum: 1,
  };
  const all = ['s1', 's2', 'w1'].map((node) => ({ node, crashAt: 1 }));
  const stopped = run({ ...sizes, attack: 'none', dimension: 1, seed: 1 }, { steps: 20, faults: all });
  await expect(stopped).rejects.toThrow(/^(quorum not met|no server left) in step \d+: /);
});

function column(models: readonly (readonly number[])[], i: number): number[] {
  return models.map((model) => model[i]);
}

function expectWithin(value: number, range: readonly number[]): void {
  expect(value).toBeGreaterThanOrEqual(Math.min(...range) - rounding);
  expect(value).toBeLessThanOrEqual(Math.max(...range) + rounding);
}
