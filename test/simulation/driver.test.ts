import { expect, test } from 'vitest';
import { ExperimentError } from '../../src/base/errors.js';
import type { Snapshot } from '../../src/base/state.js';
import { drive, type Row } from '../../src/simulation/driver.js';
import type { ModeDefinition } from '../../src/simulation/mode.js';
import { asynchronous } from '../../src/simulation/modes/async.js';
import { fakeParts, optimizers, play } from '../support/parts.js';
import { collect } from '../support/run-config.js';

const mode = asynchronous as ModeDefinition;
const setting = {
  points: [[1], [2]],
  workers: 2,
  arrivals: [1, 2],
  optimizer: optimizers.sgd(0.1),
};

/** A run that can be driven, and what `drive` needs. */
function make(steps: number, learningRate = 0.1) {
  const parts = fakeParts({ ...setting, optimizer: optimizers.sgd(learningRate) });
  const { compute, state } = parts;
  const simulation = mode.create({}, parts);
  const plan = { unit: mode.unit, made: state.remember('steps', 0), steps, evaluateEvery: 3, compute, state };
  return { simulation, plan };
}

test('the last step is evaluated even between two evaluations', async () => {
  const rows = await play(mode, fakeParts(setting), 7, { evaluateEvery: 3 });
  expect(rows.map(({ values }) => values.update)).toEqual([3, 6, 7]);
  expect(rows.at(-1)!.values.epoch).toBe(3.5);
});

test('a run that diverges throws after the rows it has', async () => {
  const { simulation, plan } = make(2000, 1e100);
  const rows: number[] = [];
  const diverging = async () => {
    for await (const { values } of drive(simulation, plan)) rows.push(values.update!);
  };
  const error: unknown = await diverging().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ExperimentError);
  expect((error as Error).message).toMatch(/^the model diverged (at|by) update \d+/);
  expect(rows[0]).toBe(3);
});

test('an aborted run ends between two steps', async () => {
  const { simulation, plan } = make(1000);
  const controller = new AbortController();
  const onStep = (step: number) => step === 5 && controller.abort();
  const rows = await collect(drive(simulation, plan, { signal: controller.signal, onStep }));
  expect(rows.map(({ values }) => values.update)).toEqual([3]);
  expect(plan.made.value).toBe(5);
});

test('a checkpoint comes behind all rows of the steps before it, and a fresh run goes on from it', async () => {
  const first = make(9);
  const rows: Row[] = [];
  let snapshot: Snapshot | undefined;
  const before: number[] = [];
  const checkpoints = { due: (step: number) => step === 6, keep: (kept: Snapshot) => void (snapshot = kept) };
  for await (const row of drive(first.simulation, first.plan, { checkpoints })) {
    rows.push(row);
    if (!snapshot) before.push(row.values.update!);
  }
  expect(before).toEqual([3, 6]);

  const second = make(9);
  second.plan.state.load(structuredClone(snapshot!));
  const rest = await collect(drive(second.simulation, second.plan));
  expect(rest).toEqual(rows.slice(2));
});
