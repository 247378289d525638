import { describe, expect, test } from 'vitest';
import { createAttack, type Attack } from '../../src/attacks/create.js';
import { attacks } from '../../src/attacks/index.js';
import { registry } from '../../src/base/definition.js';
import { StateTree, type Snapshot } from '../../src/base/state.js';
import { HostVectors } from '../../src/compute/vectors/host.js';
import type { AttackConfig } from '../../src/attacks/attack.js';
import type { Optimizer } from '../../src/optimizers/optimizer.js';
import { asynchronous } from '../../src/simulation/modes/async.js';
import { synchronous } from '../../src/simulation/modes/sync.js';
import type { ModeDefinition } from '../../src/simulation/mode.js';
import { Worker } from '../../src/simulation/worker.js';
import { fakeParts, optimizers, play } from '../support/parts.js';

/** Of two workers, the second of which is Byzantine. */
function attackOf(config: AttackConfig, state = new StateTree()): Attack {
  return createAttack(config, {
    vectors: new HostVectors(1, Float64Array),
    attacks: registry(attacks),
    byzantine: 1,
    random: () => 0.5,
    state,
  });
}

const burst = (from: number, until: number, as: AttackConfig, every?: number): AttackConfig => ({
  ...{ attack: 'burst', from, until, as },
  ...(every !== undefined && { every }),
});
const signFlip = { attack: 'sign-flip' };
const empire = { attack: 'empire', factor: 1 };

describe('in rounds, with f = x²/2 and η = 1/2', () => {
  // The mean of x and x halves the model, that of x and -x leaves it.
  const models = async (attack: AttackConfig, rounds: number) => {
    const parts = fakeParts({
      points: [[0], [0]],
      workers: 2,
      byzantine: 1,
      attack: attackOf(attack),
      optimizer: optimizers.sgd(0.5),
      rule: { rule: 'mean', weighted: false },
      start: [64],
    });
    const rows = await play(synchronous as ModeDefinition, parts, rounds);
    return rows.map((row) => row.iterate![0]);
  };

  test('a burst keeps the model where it is from one update to another', async () => {
    expect(await models(burst(1, 3, signFlip), 5)).toEqual([32, 32, 32, 16, 8]);
    expect(await models(burst(1, 3, empire), 5)).toEqual([32, 32, 32, 16, 8]);
  });

  test('and does so again in every period', async () => {
    expect(await models(burst(1, 2, signFlip, 3), 7)).toEqual([32, 32, 16, 8, 8, 4, 2]);
  });

  test('a sleeper does so from an update on', async () => {
    expect(await models({ attack: 'sleeper', from: 2, as: empire }, 5)).toEqual([32, 16, 16, 16, 16]);
  });

  test('a stale message is of the model of some updates before, or of the first', async () => {
    // x ← x - (x + message)/4, with the message 64 three times, of update 0, and then that of update 1.
    const [a, b, c, d] = await models({ attack: 'stale', staleness: 2 }, 4);
    expect([a, b]).toEqual([64 - (64 + 64) / 4, 32 - (32 + 64) / 4]);
    expect(c).toBe(b - (b + 64) / 4);
    expect(d).toBe(c - (c + a) / 4);
  });
});

test('one by one, what a message is goes by its arrival, though it was made at the arrival before', async () => {
  const parts = fakeParts({
    points: [[0]],
    workers: 2,
    byzantine: 1,
    attack: attackOf({ attack: 'sleeper', from: 2, as: empire }),
    arrivals: [2, 1, 2, 1],
    optimizer: optimizers.sgd(0.5),
    rule: { rule: 'mean', weighted: false },
    start: [8],
  });
  const rows = await play(asynchronous as ModeDefinition, parts, 4);
  // Both hold 8 until update 2; then it sends -8, made of the 8 of before. Worker 1 then sends x_1 = 4.
  expect(rows.map((row) => row.iterate![0])).toEqual([4, 0, 0, 0 - 0.5 * ((4 - 8) / 2)]);
  expect(rows.map(({ values }) => values.byzantine_share)).toEqual([1, 1 / 2, 2 / 3, 1 / 2]);
});

interface Sent {
  update: number;
  version: number;
  value: number;
}

/**
 * The messages of the second worker, which is Byzantine, where workers arrive one by one and the server's models are given,
 * whatever is sent. Saved and loaded into fresh workers after `reload` updates.
 */
async function messages(
  attack: AttackConfig,
  optimizer: Optimizer,
  arrivals: readonly number[],
  reload?: number,
): Promise<Sent[]> {
  const models = Array.from({ length: arrivals.length + 1 }, (_, t) => 3 * Math.cos(t));
  const points = [[0.5], [-1], [2], [3], [-0.25]];
  const make = () => {
    const state = new StateTree();
    const setting = { points, workers: 2, byzantine: 1, optimizer };
    const parts = fakeParts({ ...setting, attack: attackOf(attack, state) });
    const workers = [0, 1].map((id) => {
      const worker = new Worker(parts, { fold: () => undefined }, id);
      parts.state.register(`workers/${id}`, worker);
      return worker;
    });
    return { parts, workers };
  };
  let { parts, workers } = make();
  const model = (t: number) => parts.compute.vectors.fromHost([models[t]]);
  const sent = (update: number): Sent => {
    const { version, current } = workers[1];
    return { update, version, value: parts.compute.vectors.toHost(current)[0] };
  };

  for (const worker of workers) worker.start(model(0));
  for (const worker of workers) await worker.begin(workers);
  const all: Sent[] = [];
  for (const [update, id] of arrivals.entries()) {
    if (update === reload) {
      const saved: Snapshot = await parts.state.save();
      ({ parts, workers } = make());
      parts.state.load(saved);
    }
    const worker = workers[id - 1];
    await worker.deliver(update);
    if (id === 2) all.push(sent(update));
    worker.dispatch(model(update), update, worker.count);
    worker.prepare(model(update + 1));
    worker.craft(workers, update + 1);
  }
  return all;
}

const arrivals = [2, 1, 2, 2, 1, 2, 1, 1, 2, 2, 2, 1, 2, 1, 2, 2, 2, 1, 1, 2];
const window = burst(4, 7, { attack: 'none' }, 9);
const inWindow = (update: number) => update >= 4 && (update - 4) % 9 < 3;

describe.each([
  ['sgd', optimizers.sgd(0.1)],
  ['momentum', optimizers.momentum(0.1, 0.9)],
  ['mu2-sgd, theory', optimizers.mu2(0.1, 'theory')],
])('%s', (_, optimizer) => {
  test.each([
    signFlip,
    { attack: 'label-flip' },
    empire,
    { attack: 'zero' },
    { attack: 'stale', staleness: 3 },
  ])('a burst of %j sends what it would always, and else what an honest worker would', async (as) => {
    const honest = await messages({ attack: 'none' }, optimizer, arrivals);
    const always = await messages(as, optimizer, arrivals);
    const attack = { ...window, as };
    const at = await messages(attack, optimizer, arrivals);
    expect(at).toEqual(honest.map((message, k) => (inWindow(message.update) ? always[k] : message)));
    expect(at).not.toEqual(honest);
    expect(at).not.toEqual(always);
    // In the window and beyond it.
    for (const reload of [5, 9]) expect(await messages(attack, optimizer, arrivals, reload)).toEqual(at);
  });
});

describe('the version of a message', () => {
  const versions = async (attack: AttackConfig) =>
    (await messages(attack, optimizers.sgd(0.1), [2, 1, 2, 1, 2, 2, 2])).map(({ version }) => version);

  test('is that of the model of its gradient, which was dispatched at the arrival before', async () => {
    for (const attack of ['none', 'sign-flip', 'label-flip'])
      expect(await versions({ attack })).toEqual([0, 0, 2, 4, 5]);
  });

  test('is how many steps had been made when it was made of those of others', async () => {
    expect(await versions(empire)).toEqual([0, 1, 3, 5, 6]);
  });

  test('is at least as far back as a stale message is old, but for the first', async () => {
    expect(await versions({ attack: 'stale', staleness: 1 })).toEqual([0, 0, 2, 4, 5]);
    expect(await versions({ attack: 'stale', staleness: 2 })).toEqual([0, 0, 2, 2, 4]);
    expect(await versions({ attack: 'stale', staleness: 5 })).toEqual([0, 0, 0, 0, 0]);
  });
});
