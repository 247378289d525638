import type { Remembered } from '../../base/state.js';
import type { Arrivals } from '../arrivals.js';
import { defineMode, type EvaluatedServer, type Parts, type Report, type Simulation } from '../mode.js';
import { Receiver } from '../receiver.js';
import type { Server } from '../server.js';
import { byzantineShare, Tally } from '../tally.js';
import { Verdicts, verdictColumns } from '../verdicts.js';
import { Worker } from '../worker.js';

/**
 * Asynchronous training with weighted robust aggregation, in the timing of the published code: a gradient is dispatched
 * when its worker arrives and used when that worker arrives again. A rule takes everyone's last message at every arrival, or
 * the one that arrives.
 */
export const asynchronous = defineMode({
  name: 'async',
  title: 'asynchronous',
  summary: 'the server steps at every arrival',
  source: 'Dahan and Levy, Weight for Robustness, NeurIPS 2024',
  parameters: {},
  workers: 'one-by-one',
  unit: 'update',
  weighted: true,
  columns: [
    byzantineShare,
    { name: 'staleness_mean', title: 'mean staleness' },
    { name: 'staleness_max', title: 'greatest staleness' },
  ],
  arrivalColumns: verdictColumns,
  create: (_, parts) => new Asynchronous(parts),
});

class Asynchronous implements Simulation {
  private readonly server: Server | Receiver;
  /** Counted where the server takes messages one by one. */
  private readonly verdicts: Verdicts | undefined;
  private readonly workers: readonly Worker[];
  private readonly arrivals: Arrivals;
  private readonly tally: Tally;
  /** How many updates were made, and when the last one was. */
  private readonly clock: Remembered<{ update: number; time: number }>;

  constructor(private readonly parts: Parts) {
    const { workers, state } = parts;
    this.server = parts.createReceiver?.() ?? parts.createServer();
    if (this.server instanceof Receiver) this.verdicts = new Verdicts(state);
    this.clock = state.remember('clock', { update: 0, time: 0 });
    this.workers = Array.from({ length: workers }, (_, id) => {
      const worker = new Worker(parts, this.server.statistics, id);
      state.register(`workers/${id + 1}`, worker);
      return worker;
    });
    this.arrivals = parts.createArrivals();
    this.tally = new Tally(state);
  }

  get servers(): readonly EvaluatedServer[] {
    return [this.server];
  }

  async step(): Promise<void> {
    const { server, workers, tally, clock } = this;
    const version = clock.value.update;
    if (version === 0) await this.start();
    const { worker: id, time } = this.arrivals.next();
    const worker = workers[id];

    await worker.deliver(version);
    if (worker.byzantine) tally.byzantineArrived();
    else tally.honestArrived(worker.loss, version - worker.version);

    // At the model before this update: nothing of it depends on the aggregate, so the pool can begin.
    worker.dispatch(server.model, version, worker.count);
    if (server instanceof Receiver)
      this.verdicts!.count(worker.byzantine, await server.take(id, worker.current, worker.finite));
    else
      server.step(
        workers.map(({ current }) => current),
        workers.map(({ weight }) => weight),
        workers.map(({ finite }) => finite),
      );
    worker.prepare(server.model);
    worker.craft(workers, version + 1);
    clock.value = { update: version + 1, time };
  }

  report(): Report {
    const { batchSize, passSize } = this.parts;
    const { update, time } = this.clock.value;
    const { trainLoss, byzantineShare, stalenessMean, stalenessMax } = this.tally.close();
    return {
      time,
      epoch: (update * batchSize) / passSize,
      trainLoss,
      columns: {
        byzantine_share: byzantineShare,
        staleness_mean: stalenessMean,
        staleness_max: stalenessMax,
        ...this.verdicts?.columns(),
      },
    };
  }

  /**
   * The initial round: every worker, in order of ids, sends its first gradient. A Byzantine worker that makes its
   * message from the others' knows those that went before it, and weights count only workers that have started.
   */
  private async start(): Promise<void> {
    for (const worker of this.workers) worker.start(this.server.model);
    for (const worker of this.workers) await worker.begin(this.workers);
  }
}
