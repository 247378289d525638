import { z } from 'zod';
import type { Remembered } from '../../base/state.js';
import { defineMode, type Parts, type Report, type Simulation } from '../mode.js';
import type { Server } from '../server.js';
import { byzantineShare, Tally } from '../tally.js';
import { Worker } from '../worker.js';

/**
 * Synchronous training: in every round each worker sends a message, the server moves by what the rule makes of them, and
 * the next round begins. μ²-SGD forms a worker's message from the gradients of one sample at two models in a row, so it
 * begins with a pass of plain gradients, and draws the sample of a round before the server moves; momentum and SGD send
 * the gradient of a sample that they draw in the round.
 */
export const synchronous = defineMode({
  name: 'sync',
  title: 'synchronous',
  summary: 'the server steps when all workers have answered, or a quorum',
  source: 'Dahan and Levy, Fault Tolerant ML, ICML 2024',
  parameters: {
    quorum: z
      .int()
      .min(1)
      .optional()
      .describe(
        'how many messages end a round; the others of the round are lost (default: those of all workers)',
      ),
  },
  workers: 'in-step',
  unit: 'round',
  weighted: false,
  columns: [byzantineShare],
  form: 'published',
  messages: ({ quorum }, workers) => quorum ?? workers,
  bounds: ({ quorum }, { workers }) =>
    quorum !== undefined && quorum > workers
      ? [{ path: ['quorum'], message: `invalid quorum: ${quorum} (expected at most the ${workers} workers)` }]
      : [],
  create: ({ quorum }, parts) => new Synchronous(parts, quorum ?? parts.workers),
});

class Synchronous implements Simulation {
  private readonly server: Server;
  private readonly workers: readonly Worker[];
  private readonly durations: () => number[];
  private readonly tally: Tally;
  /** Rounds played, and when the last one ended. */
  private readonly clock: Remembered<{ round: number; time: number }>;

  constructor(
    private readonly parts: Parts,
    private readonly quorum: number,
  ) {
    const { workers, state } = parts;
    this.server = parts.createServer();
    this.durations = parts.createDurations();
    this.clock = state.remember('clock', { round: 0, time: 0 });
    this.workers = Array.from({ length: workers }, (_, id) => {
      const worker = new Worker(parts, this.server.statistics, id, false);
      state.register(`workers/${id + 1}`, worker);
      return worker;
    });
    this.tally = new Tally(state);
  }

  get servers(): readonly Server[] {
    return [this.server];
  }

  async step(): Promise<void> {
    const { server, workers, tally } = this;
    const { round, time } = this.clock.value;
    if (round === 0) await this.begin();
    else await this.renew(round);

    const { heard, duration } = this.collect();
    const senders = heard.map((id) => workers[id]);
    for (const { byzantine, loss } of senders) {
      if (byzantine) tally.byzantineArrived();
      else tally.honestArrived(loss, 0);
    }
    server.step(
      senders.map(({ current }) => current),
      senders.map(({ weight }) => weight),
      senders.map(({ finite }) => finite),
      heard,
    );
    this.clock.value = { round: round + 1, time: time + duration };
  }

  report(): Report {
    const { workers, batchSize, passSize } = this.parts;
    const { round, time } = this.clock.value;
    const { trainLoss, byzantineShare } = this.tally.close();
    return {
      time,
      epoch: (round * workers * batchSize) / passSize,
      trainLoss,
      columns: { byzantine_share: byzantineShare },
    };
  }

  /** Every worker's first message: the gradient of its first sample. */
  private async begin(): Promise<void> {
    for (const worker of this.workers) worker.start(this.server.model);
    for (const worker of this.workers) await worker.begin(this.workers);
  }

  /**
   * Every worker's next message. Gradients of all are under way before the first is awaited. Byzantine workers that make
   * their messages from the others' have the last ids: by their turn the honest ones have sent theirs.
   */
  private async renew(round: number): Promise<void> {
    const { parts, server, workers } = this;
    const { model } = server;
    const { usesReference } = parts.optimizer;
    for (const worker of workers) {
      if (!usesReference) worker.prepare(model);
      worker.dispatch(model, round, round + 1);
    }
    for (const worker of workers) {
      worker.craft(workers, round);
      await worker.deliver(round);
    }
    if (usesReference) for (const worker of workers) worker.prepare(model);
  }

  /** Who is heard in a round, by id, and how long it lasts: until the slowest of them has answered. */
  private collect(): { heard: number[]; duration: number } {
    const durations = this.durations();
    const byTime = [...durations.keys()].sort((a, b) => durations[a] - durations[b] || a - b);
    const heard = byTime.slice(0, this.quorum);
    return { heard: heard.toSorted((a, b) => a - b), duration: durations[heard[heard.length - 1]] };
  }
}
