import { ExperimentError } from '../base/errors.js';
import type { Remembered, Snapshot, StateTree } from '../base/state.js';
import type { Compute, Evaluation } from '../compute/compute.js';
import type { Vectors } from '../compute/vectors/vectors.js';
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

/** Saving a run between two steps. All rows of the steps so far have been yielded by then. */
export interface Checkpoints {
  due(step: number): boolean;
  keep(snapshot: Snapshot): void | Promise<void>;
}

export interface Drive {
  /** What a step is called, for messages. */
  unit: string;
  /** Steps made so far. */
  made: Remembered<number>;
  /** How many steps in all. */
  steps: number;
  /** Evaluate after every so many steps, and after the last. */
  evaluateEvery: number;
  compute: Compute;
  /** What the simulation registered with. */
  state: StateTree;
}

/** How long steps may follow each other before timers and signals get their turn, in milliseconds. */
const longestTurn = 30;

/** Evaluations under way at one time; more would only hold models in memory. */
const maxEvaluations = 2;

/**
 * Plays out a simulation of any mode and yields a row an evaluation, in order. Evaluations are awaited when they are
 * done, so that a compute pool stays busy; the rows are the same bytes for any number of threads.
 *
 * @throws ExperimentError when a model diverges, after the rows so far
 */
export async function* drive(
  simulation: Simulation,
  { unit, made, steps, evaluateEvery, compute, state }: Drive,
  options: DriveOptions = {},
): AsyncGenerator<Row, void> {
  const { vectors } = compute;
  const rows: PendingRow[] = [];
  let turn = performance.now();

  while (made.value < steps && !options.signal?.aborted) {
    await simulation.step();
    const step = ++made.value;
    if (!simulation.servers.every(({ model }) => vectors.isFinite(model))) {
      throw new ExperimentError(`the model diverged at ${unit} ${step}: its parameters are no longer finite`);
    }
    if (step % evaluateEvery === 0 || step === steps) {
      const iterates = options.keepIterates ? iteratesOf(simulation, vectors) : undefined;
      const report = simulation.report();
      const evaluated = evaluate(simulation, compute);
      rows.push(
        new PendingRow(evaluated.then((results) => ({ values: rowOf(step, report, results), ...iterates }))),
      );
    }
    options.onStep?.(step);
    while (rows.length > 0 && (rows[0].done || rows.length > maxEvaluations))
      yield* finish(rows.shift()!, unit);
    if (options.checkpoints?.due(step)) {
      while (rows.length > 0) yield* finish(rows.shift()!, unit);
      await options.checkpoints.keep(await state.save());
    }
    if (performance.now() - turn > longestTurn) {
      await new Promise((resolve) => setImmediate(resolve));
      turn = performance.now();
    }
  }
  for (const row of rows) yield* finish(row, unit);
}

/** Of every server. */
function evaluate({ servers }: Simulation, compute: Compute): Promise<Evaluation[]> {
  return Promise.all(servers.map(({ model, statistics }) => compute.evaluate(model, statistics.values)));
}

function iteratesOf({ servers }: Simulation, vectors: Vectors): Pick<Row, 'iterate' | 'iterates'> {
  const models = servers.map(({ model }) => vectors.toHost(model));
  const named = servers.flatMap(({ name }, s) => (name === undefined ? [] : [[name, models[s]] as const]));
  return { iterate: models[0], ...(named.length > 0 && { iterates: Object.fromEntries(named) }) };
}

/** Loss and accuracy are the means over the servers. */
function rowOf(
  update: number,
  { time, epoch, trainLoss, columns, evaluated }: Report,
  evaluations: readonly Evaluation[],
): MetricsRow {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const accuracies = evaluations.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
  return {
    update,
    time,
    epoch,
    train_loss: trainLoss,
    test_loss: mean(evaluations.map(({ loss }) => loss)),
    test_accuracy: accuracies.length > 0 ? mean(accuracies) : undefined,
    ...columns,
    ...evaluated?.(evaluations),
  };
}

/** A row whose evaluation is under way. */
class PendingRow {
  done = false;

  constructor(readonly row: Promise<Row>) {
    const settle = () => void (this.done = true);
    row.then(settle, settle); // also marks a failure as handled until the row is awaited
  }
}

async function* finish({ row }: PendingRow, unit: string): AsyncGenerator<Row, void> {
  const evaluated = await row;
  yield evaluated;
  const { values } = evaluated;
  if (!Number.isFinite(values.test_loss)) {
    throw new ExperimentError(
      `the model diverged by ${unit} ${values.update}: its test loss is ${values.test_loss}`,
    );
  }
}
