import { describe, expect, test } from 'vitest';
import { EndedEarly, ExperimentError, StoppedError } from '../../src/base/errors.js';
import type { Snapshot, StateTree } from '../../src/base/state.js';
import type { Evaluation } from '../../src/compute/compute.js';
import { drive, type Row } from '../../src/simulation/driver.js';
import type { ModeDefinition } from '../../src/simulation/mode.js';
import { asynchronous } from '../../src/simulation/modes/async.js';
import { fakeParts, optimizers, play, progressOf } from '../support/parts.js';
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
  const plan = { unit: mode.unit, ...progressOf(state), steps, evaluateEvery: 3, compute, state };
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
  expect(error).toBeInstanceOf(EndedEarly);
  expect((error as EndedEarly).message).toMatch(/^the model diverged (at|by) update \d+/);
  expect((error as EndedEarly).message).toContain(`update ${(error as EndedEarly).step}:`);
  expect(rows[0]).toBe(3);
});

test.each([
  ['stopped', new StoppedError('quorum not met')],
  ['diverged', new ExperimentError('quorum not met')],
] as const)('an error that ends the run in the step under way: %s', async (status, error) => {
  const { simulation, plan } = make(10);
  let calls = 0;
  const step = simulation.step.bind(simulation);
  simulation.step = () => {
    if (++calls === 4) throw error;
    return step();
  };
  await expect(collect(drive(simulation, plan))).rejects.toMatchObject({
    name: 'ExperimentError',
    message: 'quorum not met',
    step: 4,
    status,
  });
});

test('virtual time that is no number any more ends a run', async () => {
  const { simulation, plan } = make(10);
  const report = simulation.report.bind(simulation);
  simulation.report = () => ({ ...report(), time: plan.made.value > 3 ? Infinity : 1 });
  const rows: number[] = [];
  const running = async () => {
    for await (const { values } of drive(simulation, plan)) rows.push(values.update!);
  };
  await expect(running()).rejects.toMatchObject({
    message: 'virtual time is beyond the range of numbers at update 6: arrival has workers too slow for it',
    step: 6,
    status: 'stopped',
  });
  expect(rows).toEqual([3]);
});

test('a run that ends early has the rows whose evaluations were under way', async () => {
  const { simulation, plan } = make(10);
  const evaluate = plan.compute.evaluate.bind(plan.compute);
  plan.compute.evaluate = async (...args) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return evaluate(...args);
  };
  let calls = 0;
  const step = simulation.step.bind(simulation);
  simulation.step = () => {
    if (++calls === 7) throw new StoppedError('quorum not met');
    return step();
  };
  const rows: number[] = [];
  const stopping = async () => {
    for await (const { values } of drive(simulation, plan)) rows.push(values.update!);
  };
  await expect(stopping()).rejects.toThrow('quorum not met');
  expect(rows).toEqual([3, 6]);
});

test('an aborted run ends between two steps', async () => {
  const { simulation, plan } = make(1000);
  const controller = new AbortController();
  const onStep = (step: number) => step === 5 && controller.abort();
  const rows = await collect(drive(simulation, plan, { signal: controller.signal, onStep }));
  expect(rows.map(({ values }) => values.update)).toEqual([3]);
  expect(plan.made.value).toBe(5);
});

/** Drives a run that keeps a snapshot, and says which rows came before it. */
async function save(
  { simulation, plan }: ReturnType<typeof make>,
  due: (step: number) => boolean,
  signal?: AbortSignal,
  onStep?: (step: number) => void,
) {
  const rows: Row[] = [];
  let snapshot: Snapshot | undefined;
  let before = 0;
  const checkpoints = {
    due,
    async keep(_: number, state: StateTree) {
      before = rows.length;
      snapshot = structuredClone(await state.save());
    },
  };
  for await (const row of drive(simulation, plan, { signal, onStep, checkpoints })) rows.push(row);
  return { rows, before, snapshot: snapshot! };
}

async function goOn(steps: number, snapshot: Snapshot): Promise<Row[]> {
  const { simulation, plan } = make(steps);
  plan.state.load(snapshot);
  return collect(drive(simulation, plan));
}

test.each([5, 6, 8, 9])(
  'a fresh run goes on from a checkpoint at step %i with the rows that follow',
  async (at) => {
    const { rows, before, snapshot } = await save(make(9), (step) => step === at);
    expect(rows.map(({ values }) => values.update)).toEqual([3, 6, 9]);
    expect(await goOn(9, snapshot)).toEqual(rows.slice(before));
  },
);

describe('a run that is aborted', () => {
  test('keeps a checkpoint and does not wait for evaluations: they are made when it goes on', async () => {
    const whole = await play(mode, fakeParts(setting), 9, { evaluateEvery: 3 });
    const controller = new AbortController();
    const run = make(9);
    const never = new Promise<Evaluation>(() => {});
    run.plan.compute.evaluate = () => never;
    const { rows, snapshot } = await save(
      run,
      () => false,
      controller.signal,
      (step) => {
        if (step === 7) controller.abort();
      },
    );
    expect(rows).toEqual([]);
    expect(run.plan.made.value).toBe(7);
    const values = ({ values }: Row) => values;
    expect((await goOn(9, snapshot)).map(values)).toEqual(whole.map(values));
  });

  test('while its last evaluation is under way goes on with nothing but that', async () => {
    const controller = new AbortController();
    const run = make(3);
    const never = new Promise<Evaluation>(() => {});
    run.plan.compute.evaluate = () => never;
    setTimeout(() => controller.abort(), 20);
    const { rows, snapshot } = await save(run, () => false, controller.signal);
    expect(rows).toEqual([]);
    expect((await goOn(3, snapshot)).map(({ values }) => values.update)).toEqual([3]);
  });

  test('and has nothing left to do keeps none', async () => {
    const controller = new AbortController();
    const { simulation, plan } = make(3);
    const checkpoints = { due: () => false, keep: () => expect.unreachable() };
    for await (const { values } of drive(simulation, plan, { signal: controller.signal, checkpoints }))
      if (values.update === 3) controller.abort();
  });
});
