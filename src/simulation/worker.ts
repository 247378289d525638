import type { Conduct } from '../attacks/create.js';
import type { Saved, Stateful } from '../base/state.js';
import type { Gradient } from '../compute/compute.js';
import type { Vector } from '../compute/vectors/vectors.js';
import type { Batch } from '../data/dataset.js';
import { Crafted } from './crafted.js';
import { Estimator } from './estimator.js';
import { HeldBack } from './held-back.js';
import type { Parts } from './mode.js';
import type { Source } from './source.js';
import type { RunningStatistics } from './statistics.js';

/** Who is told of the batch statistics that come with a worker's gradients. */
export type StatisticsSink = Pick<RunningStatistics, 'fold'>;

/**
 * A worker: its sample, what its messages come from, and the message that the server holds of it. One that attacks only at
 * times makes both messages all the time, the honest one and that of its attack, and sends one of them: whatever it did
 * before, it is that of a worker that always behaves, or of one that always attacks.
 */
export class Worker implements Stateful {
  /** s_i: messages sent so far, the first one included. 0: not started. */
  count = 0;
  /** Whether the current message is finite. */
  finite = true;
  /** Whether the current message is that of its attack. */
  attacks = false;

  readonly byzantine: boolean;
  /** The sample of the next gradient. */
  private sample: Batch | undefined;
  /** How it makes messages when it attacks; undefined where it never does. */
  private readonly attacking: Conduct | undefined;
  private readonly estimators: { true?: Estimator; flipped?: Estimator } = {};
  private readonly heldBack: HeldBack | undefined;
  private readonly crafted: Crafted | undefined;

  /**
   * @param statistics of the server, or whoever passes them on to several
   * @param id 0-based; the last ones are Byzantine
   * @param counts whether its weight grows with every message; if not, it is 1
   */
  constructor(
    private readonly parts: Parts,
    private readonly statistics: StatisticsSink,
    private readonly id: number,
    private readonly counts = true,
  ) {
    const { attack, compute } = parts;
    this.byzantine = id >= parts.workers - parts.byzantine;
    if (!this.byzantine || attack.kind === 'scheduled') this.estimators.true = new Estimator(parts, 'true');
    if (!this.byzantine) return;
    this.attacking = attack.kind === 'scheduled' ? attack.as : attack;
    if (this.attacking.kind === 'omniscient') {
      this.crafted = new Crafted(compute.vectors);
      return;
    }
    const { labels, sign, staleness = 0 } = this.attacking;
    this.estimators[labels] ??= new Estimator(parts, labels);
    if (staleness > 0) this.heldBack = new HeldBack(compute.vectors, staleness, sign);
  }

  /** What its current message weighs. */
  get weight(): number {
    return this.counts ? this.count : 1;
  }

  /** The message that the server holds; valid until the worker arrives again. */
  get current(): Vector {
    return this.source.vector;
  }

  /** Steps that the server had made before the current message was made, or before the model that it was computed at. */
  get version(): number {
    return this.source.version;
  }

  /** Training loss of the newest gradient of which a message was made; NaN where none was. */
  get loss(): number {
    return this.estimator?.loss ?? NaN;
  }

  /** Whether it makes messages from the others', be it to send them only at times. */
  get crafts(): boolean {
    return this.crafted !== undefined;
  }

  private get source(): Source {
    const { attacking } = this;
    if (!this.attacks || !attacking) return this.estimators.true!;
    if (attacking.kind === 'omniscient') return this.crafted!;
    return this.heldBack ?? this.estimators[attacking.labels]!;
  }

  /** The one that behaves, where there are two. */
  private get estimator(): Estimator | undefined {
    return this.estimators.true ?? this.estimators.flipped;
  }

  /** Draws the first sample and dispatches its gradient. */
  start(model: Vector): void {
    this.sample = this.parts.drawBatch(this.id);
    for (const estimator of this.eachEstimator()) estimator.start(model, this.sample);
  }

  /** Makes and sends the first message, before the server's first step. @param workers as `craft` */
  async begin(workers: readonly Worker[]): Promise<void> {
    this.count = 1;
    for (const estimator of this.eachEstimator()) {
      await estimator.begin();
      this.hold(estimator);
    }
    this.craft(workers, 0);
    this.send(0);
  }

  /**
   * The worker arrives: its next message becomes the current one. Where it has not made one since it began it sends the
   * same again.
   *
   * @param update steps that the server has made
   */
  async deliver(update: number): Promise<void> {
    this.count++;
    for (const estimator of this.eachEstimator()) if (await estimator.renew()) this.hold(estimator);
    this.send(update);
  }

  /**
   * Dispatches the gradient of its sample at the model the worker sees now.
   * @param version steps made before that model
   * @param count which of the worker's messages is made of it (its s_i)
   */
  dispatch(model: Vector, version: number, count: number): void {
    for (const estimator of this.eachEstimator()) estimator.dispatch(model, this.sample!, version, count);
  }

  /** The gradient under way, before the estimator makes a message of it; it must not be released. */
  get underWay(): Promise<Gradient> | undefined {
    return this.estimator?.underWay;
  }

  /** Takes the gradient of the same sample at another model in place of the one under way. */
  redirect(model: Vector): void {
    for (const estimator of this.eachEstimator()) estimator.redirect(model, this.sample!);
  }

  /**
   * How fast the gradient changes along itself: |g(x - ηg) - g(x)| / |ηg| on the sample of the gradient g under way at x.
   * NaN where g is 0 or none is under way.
   */
  async lipschitz(model: Vector, learningRate: number): Promise<number> {
    return (await this.estimator?.lipschitz(model, this.sample!, learningRate)) ?? NaN;
  }

  /**
   * Draws the next sample and dispatches its reference gradient, where messages use one.
   * @param model the updated one; needed where messages use a reference gradient
   */
  prepare(model: Vector | undefined): void {
    this.sample = this.parts.drawBatch(this.id);
    if (!this.parts.optimizer.usesReference) return;
    for (const estimator of this.eachEstimator()) estimator.refer(model!, this.sample);
  }

  /**
   * Makes its next message from the honest workers' current ones, if that is what it does. Byzantine workers that behave
   * at the time are not among these.
   *
   * @param workers whose messages it knows
   * @param update steps that the server has made
   */
  craft(workers: readonly Worker[], update: number): void {
    const { attacking, crafted } = this;
    if (!crafted || attacking?.kind !== 'omniscient') return;
    const known = workers.filter((worker) => !worker.byzantine && worker.finite);
    const byzantineWeight = workers.reduce((sum, worker) => sum + (worker.byzantine ? worker.weight : 0), 0);
    const message = this.parts.measure('attack', () =>
      attacking.message(
        known.map((worker) => worker.current),
        known.map((worker) => worker.weight),
        byzantineWeight,
        update,
      ),
    );
    this.parts.compute.vectors.rest(message);
    crafted.add(message, update);
  }

  async save(): Promise<Saved> {
    const { count, finite, attacks, sample, estimators, heldBack, crafted } = this;
    const saved: SavedWorker = {
      count,
      finite,
      attacks,
      sample: structuredClone(sample),
      true: await estimators.true?.save(),
      flipped: await estimators.flipped?.save(),
      heldBack: heldBack?.save(),
      crafted: crafted?.save(),
    };
    return saved;
  }

  load(saved: Saved): void {
    const { true: own, flipped, heldBack, crafted, ...plain } = saved as SavedWorker;
    Object.assign(this, plain);
    this.estimators.true?.load(own);
    this.estimators.flipped?.load(flipped);
    this.heldBack?.load(heldBack);
    this.crafted?.load(crafted);
  }

  private eachEstimator(): Estimator[] {
    return Object.values(this.estimators);
  }

  /** Keeps a new estimate that is to be sent later. */
  private hold(estimator: Estimator): void {
    const { attacking, heldBack } = this;
    if (attacking?.kind === 'estimator' && estimator === this.estimators[attacking.labels])
      heldBack?.add(estimator);
  }

  /** Chooses the current message. */
  private send(update: number): void {
    const { attacking, byzantine, estimators, heldBack, crafted, parts } = this;
    const { attack } = parts;
    heldBack?.renew(update);
    crafted?.renew();
    this.attacks = byzantine && (attack.kind !== 'scheduled' || attack.attacks(update));
    if (attacking?.kind === 'estimator' && !heldBack)
      estimators[attacking.labels]!.turn(this.attacks ? attacking.sign : 1);
    const { source } = this;
    if (source.statistics) this.statistics.fold(source.statistics);
    source.statistics = undefined;
    this.finite = parts.compute.vectors.isFinite(source.vector);
  }
}

interface SavedWorker extends Pick<Worker, 'count' | 'finite' | 'attacks'> {
  sample: Batch | undefined;
  true: Saved;
  flipped: Saved;
  heldBack: Saved;
  crafted: Saved;
}
