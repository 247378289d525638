import type { Vector } from '../../compute/vectors/vectors.js';
import type { Parts } from '../mode.js';
import { Worker } from '../worker.js';

/** A message of this step as one server gets it. */
export interface Message {
  vector: Vector;
  finite: boolean;
}

/**
 * All workers of a run of several servers. A batch is drawn for each in every step, in the order of ids. Byzantine
 * workers know all honest gradients of a step, those of slower workers too.
 */
export class WorkerGroup {
  readonly all: readonly Worker[];
  /** Batch statistics that came with each worker's message of this step, for the servers that take it. */
  private readonly statistics: (Float32Array | undefined)[] = [];
  /** What servers of even ids get of Byzantine workers, if that is something else. */
  private readonly mirrored = new Map<number, Message>();

  constructor(private readonly parts: Parts) {
    this.all = Array.from({ length: parts.workers }, (_, id) => {
      const sink = { fold: (batch: Float32Array) => void (this.statistics[id] = batch) };
      const worker = new Worker(parts, sink, id, false);
      parts.state.register(`workers/${id + 1}`, worker);
      return worker;
    });
  }

  /** Starts the gradient of a worker at the model that it sees in this step; without one (it has crashed) only draws. */
  begin(id: number, step: number, model: Vector | undefined): void {
    const worker = this.all[id];
    if (!model) this.parts.drawBatch(id);
    else if (worker.count === 0) worker.start(model);
    else {
      if (!this.parts.optimizer.usesReference) worker.prepare(undefined);
      worker.dispatch(model, step - 1, step);
    }
  }

  /** The worker keeps to the model that its gradient under way is of. */
  settle(id: number, model: Vector): void {
    const worker = this.all[id];
    if (worker.count > 0 && this.parts.optimizer.usesReference) worker.prepare(model);
  }

  /**
   * By worker, when its message of this step is there. Byzantine workers that make theirs from the others' do so in the
   * order of ids, when all of these are there.
   */
  deliver(step: number, isUp: (id: number) => boolean): Promise<unknown>[] {
    const { all } = this;
    const { perServer } = this.parts;
    const up = all.filter((_, id) => isUp(id));
    const arriving = all.map((worker, id) =>
      isUp(id) && !worker.crafts ? arrive(worker, step, up) : Promise.resolve(),
    );
    let turn: Promise<unknown> = Promise.all(arriving.filter((_, id) => !all[id].byzantine));
    return all.map((worker, id) => {
      if (worker.byzantine && isUp(id) && (worker.crafts || perServer)) {
        turn = Promise.all([turn, arriving[id]]).then(async () => {
          if (worker.crafts) await arrive(worker, step, up);
          if (perServer && worker.attacks) this.mirror(id, up);
        });
        return handled(turn);
      }
      return handled(arriving[id]);
    });
  }

  /** What a server gets of a worker in this step. */
  message(id: number, server: number): Message {
    const { current: vector, finite } = this.all[id];
    return (server % 2 === 1 ? this.mirrored.get(id) : undefined) ?? { vector, finite };
  }

  statisticsOf(id: number): Float32Array | undefined {
    return this.statistics[id];
  }

  /** The step is over for the workers. */
  end(): void {
    const { vectors } = this.parts.compute;
    for (const { vector } of this.mirrored.values()) vectors.release(vector);
    this.mirrored.clear();
    this.statistics.length = 0;
  }

  /** 2μ - m, with μ the mean of the honest messages: as far from it as m, on the other side. */
  private mirror(id: number, up: readonly Worker[]): void {
    const { vectors } = this.parts.compute;
    const honest = up.filter(({ byzantine, finite }) => !byzantine && finite).map(({ current }) => current);
    const mean = honest.map(() => 2 / honest.length);
    const vector = vectors.combine([...mean, -1], [...honest, this.all[id].current]);
    this.mirrored.set(id, { vector, finite: vectors.isFinite(vector) });
  }
}

function arrive(worker: Worker, step: number, up: readonly Worker[]): Promise<void> {
  if (worker.count === 0) return worker.begin(up);
  worker.craft(up, step - 1);
  return worker.deliver(step - 1);
}

/** Marks a promise that is awaited later, or never, so that its failure is no unhandled rejection meanwhile. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
