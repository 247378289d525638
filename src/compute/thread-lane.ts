import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { UserError } from '../base/errors.js';
import type { Dataset } from '../data/dataset.js';
import type { ModelConfig } from '../models/model.js';
import type { Chosen } from './engine.js';
import type { Job, JobResult } from './job.js';
import type { Lane } from './lane.js';
import { turnTelemetryOff } from './telemetry.js';

/** A model as a thread can make it again: by name, or from the module that defines it. */
export interface ModelReference {
  config: ModelConfig;
  /** See `Definition.module`. */
  module?: string;
}

/** What a thread needs to make its own executor and job runner. */
export interface ThreadSetup {
  chosen: Chosen;
  model: ModelReference;
  dataset: Dataset;
  /** Where the thread meters its jobs, if anywhere: see LaneMeter. */
  meter?: SharedArrayBuffer;
}

export type ThreadMessage =
  | { kind: 'ready' }
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'failed'; id: number | undefined; message: string; sentence: boolean };

/** Seconds a thread may take to end of its own accord. */
const closesWithin = 30;

/** An error of a thread, as it would be in this one. */
function errorOf({ message, sentence }: { message: string; sentence: boolean }): Error {
  return sentence ? new UserError(message) : new Error(message);
}

/** The compiled entry point, found from src/ (tests) as from dist/. */
const entry = new URL('../../dist/compute/thread.js', import.meta.url);

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** A lane in a worker thread. When the thread dies or is stuck, every pending and later job fails with the reason. */
export class ThreadLane implements Lane {
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  private failure: Error | undefined;
  private closing = false;
  private watchdog: NodeJS.Timeout | undefined;

  private constructor(
    private readonly worker: Worker,
    private readonly stuckAfter: number,
    /** Whether its engine is native code, which ends the process when its thread is terminated within a job. */
    private readonly native: boolean,
  ) {
    worker.on('message', (message: ThreadMessage) => this.receive(message));
    worker.on('error', (error) => this.fail(new Error(`a compute thread crashed: ${error.message}`)));
    worker.on(
      'exit',
      (code) => this.closing || this.fail(new Error(`a compute thread ended with status ${code}`)),
    );
  }

  /** Starts the thread and waits until its executor is ready. `stuckAfter`: seconds one job may take. */
  static async start(setup: ThreadSetup, stuckAfter = 600): Promise<ThreadLane> {
    turnTelemetryOff();
    const worker = new Worker(entry, { workerData: setup });
    const lane = new ThreadLane(worker, stuckAfter, setup.chosen.backend === 'onnx');
    await new Promise<void>((resolve, reject) => {
      lane.pending.set(-1, { resolve: () => resolve(), reject });
    });
    return lane;
  }

  get load(): number {
    return this.pending.size;
  }

  run<J extends Job>(job: J): Promise<JobResult<J>> {
    if (this.failure) return Promise.reject(this.failure);
    const id = this.nextId++;
    const result = new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
    const { buffer } = job.parameters;
    this.worker.postMessage({ id, job }, buffer instanceof ArrayBuffer ? [buffer] : []);
    this.watch();
    return result as Promise<JobResult<J>>;
  }

  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.watchdog);
    if (this.native && this.pending.size > 0 && !this.failure) await this.leave();
    await this.worker.terminate();
    this.fail(new Error('the compute pool was closed'));
  }

  /** Waits until the thread has done the job under way and ended; it drops those in line. */
  private async leave(): Promise<void> {
    const controller = new AbortController();
    const patience = setTimeout(() => controller.abort(), 1000 * closesWithin);
    this.worker.postMessage('close');
    await once(this.worker, 'exit', { signal: controller.signal }).catch(() => undefined);
    clearTimeout(patience);
  }

  private receive(message: ThreadMessage): void {
    if (message.kind === 'failed' && message.id === undefined) {
      this.fail(errorOf(message));
      return;
    }
    const id = message.kind === 'ready' ? -1 : message.id!;
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (message.kind === 'failed') pending?.reject(errorOf(message));
    else pending?.resolve(message.kind === 'result' ? message.result : undefined);
    this.watch();
  }

  /** Restarts the clock of the job under way. */
  private watch(): void {
    clearTimeout(this.watchdog);
    if (this.pending.size === 0) return;
    this.watchdog = setTimeout(() => {
      this.fail(new Error(`a compute thread gave no answer for ${this.stuckAfter} s`));
      void this.worker.terminate();
    }, this.stuckAfter * 1000);
    this.watchdog.unref();
  }

  private fail(reason: Error): void {
    this.failure ??= reason;
    clearTimeout(this.watchdog);
    for (const { reject } of this.pending.values()) reject(this.failure);
    this.pending.clear();
  }
}
