import { z } from 'zod';
import { carriedOut } from '../../attacks/attack.js';
import type { Remembered } from '../../base/state.js';
import type { Evaluation } from '../../compute/compute.js';
import type { Vector } from '../../compute/vectors/vectors.js';
import { outOfBounds } from '../byzsgd/bounds.js';
import { Faults } from '../byzsgd/faults.js';
import { Filters } from '../byzsgd/filters.js';
import { Gathering } from '../byzsgd/gathering.js';
import { nodeName } from '../byzsgd/nodes.js';
import { largestDistance, medianOf, ServerGroup, type SentModels } from '../byzsgd/servers.js';
import { Timing, type Heard, type Quorum } from '../byzsgd/timing.js';
import { WorkerGroup } from '../byzsgd/workers.js';
import type { MetricsRow } from '../columns.js';
import { defineMode, type ModeParameters, type Parts, type Report, type Simulation } from '../mode.js';
import type { Server } from '../server.js';
import { byzantineShare, Tally } from '../tally.js';

const parameters = {
  quorum: z
    .int()
    .min(1)
    .optional()
    .describe('q_w, how many gradients a server waits for (default: workers - byzantine.count)'),
  gatherEvery: z
    .union([z.int().min(0), z.literal('auto')])
    .default(333)
    .describe(
      "T, how many steps pass from one gather of the servers' models to the next; 0: none; auto: 1/(3 l η), with l estimated",
    ),
};

type Given = ModeParameters<typeof parameters>;

/** What a number takes in a message: models and gradients are float32. */
const bytesPerNumber = 4;

/**
 * Training without a trusted server: workers compute at the median of the first models to arrive, servers move by what the
 * rule makes of the first gradients, and every T steps they take the median of each other's models.
 */
export const byzsgd = defineMode({
  name: 'byzsgd',
  title: 'ByzSGD',
  synonyms: ['guanyu', 'byzantine-servers'],
  summary: 'several servers, some Byzantine, over a network with delays',
  source: 'El Mhamdi et al., Genuinely Distributed Byzantine Machine Learning, PODC 2020',
  parameters,
  sections: ['servers', 'network', 'faults'],
  byzantine: {
    perServer: z
      .boolean()
      .optional()
      .describe('servers of even ids get 2μ - m in place of a Byzantine message m, μ the honest mean'),
  },
  workers: 'in-step',
  unit: 'step',
  weighted: false,
  columns: [
    byzantineShare,
    { name: 'test_accuracy_worst', title: 'test accuracy, worst server', fraction: true, better: 'greater' },
    { name: 'drift', title: 'largest distance of two correct servers', better: 'smaller' },
    { name: 'drift_before', title: 'drift before the last gather', better: 'smaller' },
    { name: 'drift_after', title: 'drift after the last gather', better: 'smaller' },
    { name: 'messages', title: 'messages sent' },
    { name: 'bytes', title: 'data sent', unit: 'bytes' },
  ],
  form: 'published',
  defaults: ({ quorum, network }, { workers, byzantine }) =>
    quorum === undefined && network !== 'synchronous' ? { quorum: workers - byzantine } : undefined,
  messages: ({ quorum }, workers) => quorum ?? workers,
  bounds: outOfBounds,
  check: ({ byzantine }) =>
    byzantine.perServer && carriedOut(byzantine.attack).attack === 'none'
      ? {
          path: ['byzantine', 'perServer'],
          message: 'invalid perServer: true (attack none sends what honest workers do; name another)',
        }
      : undefined,
  create: (parameters, parts) => new ByzSgd(parameters, parts),
});

class ByzSgd implements Simulation {
  private readonly group: ServerGroup;
  private readonly workers: WorkerGroup;
  private readonly timing: Timing;
  private readonly gathering: Gathering;
  /** Of each worker, where it pulls single models between two gathers. */
  private readonly filters: readonly Filters[];
  private readonly tally: Tally;
  private readonly clock: Remembered<{ step: number; time: number }>;
  /** The largest distance of two correct servers around the last gather. */
  private readonly drift: Remembered<{ before?: number; after?: number }>;

  constructor(
    given: Given,
    private readonly parts: Parts,
  ) {
    const { state } = parts;
    this.group = createServers(given, parts);
    this.workers = new WorkerGroup(parts);
    this.timing = createTiming(given, this.group, parts);
    this.gathering = new Gathering(given.gatherEvery, state);
    this.filters = createFilters(given, parts);
    this.tally = new Tally(state);
    this.clock = state.remember('clock', { step: 0, time: 0 });
    this.drift = state.remember('drift', {});
  }

  /** The correct ones that have not crashed. */
  get servers(): readonly Server[] {
    return this.group.all.filter((_, s) => !this.group.isByzantine(s) && this.timing.isUp('server', s));
  }

  get found() {
    return this.gathering.found;
  }

  async step(): Promise<void> {
    const { gathering, timing, clock } = this;
    const step = clock.value.step + 1;
    await this.scatter(step);
    await this.update(step);
    if (gathering.isDue(step)) this.gather(step);
    clock.value = { step, time: timing.time };
  }

  report(): Report {
    const { workers, batchSize, passSize, compute } = this.parts;
    const { step, time } = this.clock.value;
    const { messages } = this.timing;
    const { trainLoss, byzantineShare } = this.tally.close();
    return {
      time,
      epoch: (step * workers * batchSize) / passSize,
      trainLoss,
      columns: {
        byzantine_share: byzantineShare,
        drift: this.spread(),
        drift_before: this.drift.value.before,
        drift_after: this.drift.value.after,
        messages,
        bytes: messages * bytesPerNumber * compute.vectors.dimension,
      },
    };
  }

  evaluated(evaluations: readonly Evaluation[]): MetricsRow {
    const accuracies = evaluations.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
    return { test_accuracy_worst: accuracies.length > 0 ? Math.min(...accuracies) : undefined };
  }

  /** Scatter: a worker computes its gradient at the median of the models that it takes, or at one that it pulls. */
  private async scatter(step: number): Promise<void> {
    const { workers, timing, gathering, filters, parts } = this;
    const pulling = filters.length > 0 && gathering.since(step) > 0;
    const heard = timing.scatter(step, pulling);
    const sent = this.send(parts.workers);
    if (pulling) await this.pull(step, heard, sent);
    else {
      const models = heard.map((each, j) => {
        const model = each && this.median(each.from.map((s) => sent.of(s, j)));
        workers.begin(j, step, model);
        return model;
      });
      await this.estimate(step, models);
      models.forEach((model, j) => {
        if (!model) return;
        workers.settle(j, model);
        parts.compute.vectors.release(model);
      });
    }
    sent.release();
  }

  /**
   * Every server moves by what the rule makes of the gradients that it takes, as soon as these are there: in whatever order,
   * as no server knows of another.
   */
  private async update(step: number): Promise<void> {
    const { group, workers, timing } = this;
    const heard = timing.gradients(step);
    const arrived = workers.deliver(step, (j) => timing.isUp('worker', j));
    const moves = group.all.map(async (server, s) => {
      const from = heard[s]?.from;
      if (!from) return;
      await Promise.all(from.map((j) => arrived[j]));
      for (const j of from) {
        const statistics = workers.statisticsOf(j);
        if (statistics) server.statistics.fold(statistics);
      }
      const messages = from.map((j) => workers.message(j, s));
      server.step(
        messages.map(({ vector }) => vector),
        messages.map(() => 1),
        messages.map(({ finite }) => finite),
        from,
      );
    });
    const ends = await Promise.allSettled([...moves, ...arrived]);
    // Of several failures the first server's is told, whichever came first.
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
    this.count(heard);
    workers.end();
  }

  /** What correct servers have taken. */
  private count(heard: readonly (Heard | undefined)[]): void {
    heard.forEach((each, s) => {
      if (this.group.isByzantine(s)) return;
      for (const j of each?.from ?? []) {
        const { byzantine, loss } = this.workers.all[j];
        if (byzantine) this.tally.byzantineArrived();
        else this.tally.honestArrived(loss, 0);
      }
    });
  }

  /** Gather: every server takes the median of its own model and those that it hears of. */
  private gather(step: number): void {
    const { group, timing, gathering, drift, parts } = this;
    const before = this.spread();
    const heard = timing.gather(step);
    const sent = this.send(group.all.length);
    const medians = heard.map(
      (each, s) => each && this.median([group.all[s].model, ...each.from.map((other) => sent.of(other, s))]),
    );
    sent.release();
    medians.forEach((median, s) => {
      if (!median) return;
      group.all[s].moveTo(median);
      parts.compute.vectors.release(median);
    });
    drift.value = { before, after: this.spread() };
    gathering.gathered(step);
  }

  /**
   * Between two gathers in a synchronous network a worker pulls one model, server (t + j) mod n_ps's, and the next one's
   * where the filters refuse it. Where they refuse all it takes their median.
   */
  private async pull(step: number, heard: readonly (Heard | undefined)[], sent: SentModels): Promise<void> {
    const { group, workers } = this;
    const count = group.all.length;
    const offered = heard.map((each, j) => {
      const first = (step + j + 1) % count;
      const inTurn = Array.from({ length: count }, (_, k) => (first + k) % count);
      return inTurn.filter((s) => each?.from.includes(s)).flatMap((s) => sent.of(s, j) ?? []);
    });
    offered.forEach(([first], j) => workers.begin(j, step, first));
    // Chosen side by side; what is drawn next is drawn in the order of ids.
    const chosen = await Promise.all(offered.map((models, j) => this.choose(step, j, models)));
    chosen.forEach((model, j) => {
      if (model) workers.settle(j, model);
      if (model && !offered[j].includes(model)) this.parts.compute.vectors.release(model);
    });
  }

  /** The model that a worker keeps to, of those that it can pull. */
  private async choose(step: number, j: number, models: readonly Vector[]): Promise<Vector | undefined> {
    const { timing, gathering, parts } = this;
    const worker = this.workers.all[j];
    const filters = this.filters[j];
    for (const [k, model] of models.entries()) {
      timing.pulled(1);
      if (k > 0) worker.redirect(model);
      const gradient = await worker.underWay;
      if (!gradient) return model;
      if (filters.passes(model, gradient.vector, gathering.since(step), gathering.interval)) {
        filters.accept(model, gradient.vector, parts.learningRate(step), false);
        return model;
      }
    }
    if (models.length === 0) return undefined;
    const median = this.median(models);
    worker.redirect(median);
    filters.accept(median, (await worker.underWay)!.vector, parts.learningRate(step), false);
    return median;
  }

  /** In the first step after a gather: what the gathering and the filters have to know of gradients. */
  private async estimate(step: number, models: readonly (Vector | undefined)[]): Promise<void> {
    const { workers, gathering, filters, parts } = this;
    const learningRate = parts.learningRate(step);
    if (gathering.wantsEstimate(step)) {
      const quotients = models.flatMap((model, j) =>
        model ? workers.all[j].lipschitz(model, learningRate) : [],
      );
      gathering.estimate(await Promise.all(quotients), learningRate);
    }
    for (const [j, each] of filters.entries()) {
      const gradient = await workers.all[j].underWay;
      if (models[j] && gradient) each.accept(models[j], gradient.vector, learningRate, true);
    }
  }

  private send(receivers: number): SentModels {
    const { group, timing, parts } = this;
    return parts.measure('attack', () => group.send(receivers, (s) => timing.isUp('server', s)));
  }

  private median(models: readonly (Vector | undefined)[]): Vector {
    const { compute, measure } = this.parts;
    const finite = models.filter((model) => model !== undefined);
    return measure('aggregation', () => medianOf(finite, compute.vectors));
  }

  private spread(): number {
    return largestDistance(
      this.servers.map(({ model }) => model),
      this.parts.compute.vectors,
    );
  }
}

function createServers({ servers }: Given, parts: Parts): ServerGroup {
  const { count, byzantine, attack } = servers!;
  // One server alone has the random streams of modes that have but one.
  const name = (s: number) => (count === 1 ? undefined : nodeName('server', s));
  return new ServerGroup(
    Array.from({ length: count }, (_, s) => parts.createServer(name(s))),
    byzantine,
    parts.createServerAttack(attack),
    parts.compute.vectors,
  );
}

function createTiming({ servers, network, quorum, faults }: Given, group: ServerGroup, parts: Parts): Timing {
  const { count, byzantine } = servers!;
  // In a synchronous network all that is sent arrives, and nobody waits for more.
  const quorumOf = (all: number, faulty: number, asked?: number): Quorum =>
    network === 'synchronous' ? { takes: all, needs: all - faulty } : { takes: asked!, needs: asked! };
  const delays = (phase: string) => parts.createDelays(network!, phase);
  return new Timing(
    {
      servers: count,
      silentServers: group.silent,
      correct: count - byzantine,
      workers: parts.workers,
      quorums: {
        models: quorumOf(count, byzantine, servers!.quorum),
        gradients: quorumOf(parts.workers, parts.byzantine, quorum),
      },
      delays: { scatter: delays('scatter'), gradients: delays('gradients'), gather: delays('gather') },
      durations: parts.createDurations(),
      faults: new Faults(faults ?? []),
    },
    parts.state,
  );
}

function createFilters({ servers, network }: Given, parts: Parts): Filters[] {
  if (network !== 'synchronous') return [];
  return Array.from({ length: parts.workers }, (_, j) => {
    const filters = new Filters({
      vectors: parts.compute.vectors,
      servers: servers!.count,
      byzantineServers: servers!.byzantine,
      workers: parts.workers,
      byzantineWorkers: parts.byzantine,
    });
    parts.state.register(`filters/${j + 1}`, filters);
    return filters;
  });
}
