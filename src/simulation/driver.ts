import { orAborted } from '../base/aborted.js';
import { EndedEarly, ExperimentError, StoppedError } from '../base/errors.js';
import type { Remembered, StateTree } from '../base/state.js';
import type { Compute, Evaluation } from '../compute/compute.js';
import type { MetricsRow } from './columns.js';
import type { Report, Simulation } from './mode.js';

/** One evaluation. */
export interface Row {
  values: MetricsRow;
  /** The model itself (of the first server), where the caller keeps iterates. */
  iterate?: ArrayLike<number>;
  /** Those of all servers, by name, where there are several. */
  iterates?: Readonly<Record<string, ArrayLike<number>>>;
}

export interface DriveOptions {
  signal?: AbortSignal;
  /** Called after every step with their number so far. */
  onStep?: (step: number) => void;
  /** Whether rows carry the models. */
  keepIterates?: boolean;
  checkpoints?: Checkpoints;
}

/**
 * Saving a run between two steps, and when it is aborted. All rows of the steps so far have been yielded by then, but for
 * evaluations that are under way: these are part of the state.
 */
export interface Checkpoints {
  due(step: number): boolean;
  keep(step: number, state: StateTree): void | Promise<void>;
}

export interface Drive {
  /** What a step is called, for messages. */
  unit: string;
  /** Steps made so far. */
  made: Remembered<number>;
  /** Of which no row has been yielded yet. */
  evaluations: Remembered<UnderWay[]>;
  /** How many steps in all. */
  steps: number;
  /** Evaluate after every so many steps, and after the last. */
  evaluateEvery: number;
  compute: Compute;
  /** What the simulation registered with. */
  state: StateTree;
}

/** A row but for its evaluation, and what is evaluated: plain data, to be saved while the evaluation is under way. */
export interface UnderWay {
  step: number;
  report: Report;
  /** Of each server. */
  servers: readonly { name?: string; model: ArrayLike<number>; statistics: Float32Array }[];
}

/** How long steps may follow each other before timers and signals get their turn, in milliseconds. */
const longestTurn = 30;

/** Evaluations under way at one time; more would only hold models in memory. */
const maxEvaluations = 2;

/**
 * Plays out a simulation of any mode and yields a row an evaluation, in order. Evaluations are awaited when they are
 * done, so that a compute pool stays busy; the rows are the same bytes for any number of threads. When the signal aborts
 * it ends after the step under way: with the rows so far, or with a checkpoint where these are kept.
 *
 * @throws EndedEarly when a model diverges or the protocol cannot go on, after the rows so far
 */
export async function* drive(
  simulation: Simulation,
  { unit, made, evaluations, steps, evaluateEvery, compute, state }: Drive,
  { signal, onStep, keepIterates, checkpoints }: DriveOptions = {},
): AsyncGenerator<Row, void> {
  const { vectors } = compute;
  const submit = (each: UnderWay) => new PendingRow(rowOf(each, simulation, compute, keepIterates ?? false));
  const rows = evaluations.value.map(submit); // those that were under way at a checkpoint
  const leaving = () => checkpoints !== undefined && signal?.aborted === true;
  let turn = performance.now();

  /** The rows that are there, and those before the last `most`. */
  async function* finish(most: number): AsyncGenerator<Row, void> {
    for (; rows.length > 0 && (rows[0].done || rows.length > most); rows.shift()) {
      if (checkpoints && signal) await orAborted(rows[0].settled, signal).catch(() => undefined);
      if (leaving() && !rows[0].done) return;
      const row = await rows[0].row;
      evaluations.value.shift();
      yield row;
      const { update, test_loss: loss } = row.values;
      if (!Number.isFinite(loss))
        throw new EndedEarly(`the model diverged by ${unit} ${update}: its test loss is ${loss}`, update!);
    }
  }

  /** Throws what ends the run after all rows before, be their evaluations under way: the same ones every time. */
  async function* end(early: EndedEarly): AsyncGenerator<Row, void> {
    yield* finish(0);
    if (rows.length === 0) throw early;
  }

  while (made.value < steps && !signal?.aborted) {
    const step = made.value + 1;
    try {
      await simulation.step();
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      const status = error instanceof StoppedError ? 'stopped' : 'diverged';
      yield* end(new EndedEarly(error.message, step, status));
      return;
    }
    made.value = step;
    if (!simulation.servers.every(({ model }) => vectors.isFinite(model))) {
      const message = `the model diverged at ${unit} ${step}: its parameters are no longer finite`;
      yield* end(new EndedEarly(message, step));
      return;
    }
    if (step % evaluateEvery === 0 || step === steps) {
      const servers = simulation.servers.map(({ name, model, statistics }) => ({
        name,
        model: vectors.toHost(model),
        statistics: statistics.values.slice(),
      }));
      const report = simulation.report();
      if (!Number.isFinite(report.time)) {
        const message = `virtual time is beyond the range of numbers at ${unit} ${step}: arrival has workers too slow for it`;
        yield* end(new EndedEarly(message, step, 'stopped'));
        return;
      }
      const evaluation = { step, report, servers };
      evaluations.value.push(evaluation);
      rows.push(submit(evaluation));
    }
    onStep?.(step);
    yield* finish(maxEvaluations);
    if (checkpoints?.due(step)) await checkpoints.keep(step, state);
    if (performance.now() - turn > longestTurn) {
      await new Promise((resolve) => setImmediate(resolve));
      turn = performance.now();
    }
  }
  if (!leaving()) yield* finish(0);
  const over = made.value === steps && rows.length === 0;
  if (leaving() && made.value > 0 && !over) await checkpoints!.keep(made.value, state);
}

/** The row of an evaluation: loss and accuracy are the means over the servers. */
async function rowOf(
  { step, report, servers }: UnderWay,
  simulation: Simulation,
  compute: Compute,
  keepIterates: boolean,
): Promise<Row> {
  const { time, epoch, trainLoss, columns } = report;
  const evaluations = await Promise.all(servers.map((server) => evaluate(server, compute)));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const accuracies = evaluations.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
  return {
    values: {
      update: step,
      time,
      epoch,
      train_loss: trainLoss,
      test_loss: mean(evaluations.map(({ loss }) => loss)),
      test_accuracy: accuracies.length > 0 ? mean(accuracies) : undefined,
      ...columns,
      ...simulation.evaluated?.(evaluations),
    },
    ...(keepIterates && iteratesOf(servers)),
  };
}

function evaluate({ model, statistics }: UnderWay['servers'][number], compute: Compute): Promise<Evaluation> {
  const { vectors } = compute;
  const vector = vectors.fromHost(model);
  const evaluation = compute.evaluate(vector, statistics);
  vectors.release(vector);
  return evaluation;
}

function iteratesOf(servers: UnderWay['servers']): Pick<Row, 'iterate' | 'iterates'> {
  const named = servers.flatMap(({ name, model }) => (name === undefined ? [] : [[name, model] as const]));
  return { iterate: servers[0].model, ...(named.length > 0 && { iterates: Object.fromEntries(named) }) };
}

/** A row whose evaluation is under way. */
class PendingRow {
  done = false;
  /** Fulfilled when the row is there or has failed. */
  readonly settled: Promise<void>;

  constructor(readonly row: Promise<Row>) {
    const settle = () => void (this.done = true);
    this.settled = row.then(settle, settle); // also marks a failure as handled until the row is awaited
  }
}
