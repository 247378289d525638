import { totalSize, type Model } from '../models/model.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { Config } from './config.js';
import type { Issue } from '../base/issues.js';
import { maxMessages } from '../base/limits.js';

/** What a run has to hold. Sizes are in bytes, and a little less than it takes. */
export interface Needs {
  /** d. */
  parameters: number;
  /** All messages at once, the ones in use and those under way. */
  messages: number;
  /** In each compute thread: the model, its gradient, and a batch on its way through. */
  thread: number;
}

/** Where it is to run. */
export interface Machine {
  /** Bytes of main memory. */
  memory: number;
  /** Bytes that messages may take; absent where they lie on a device whose memory is not known. */
  messages?: number;
}

/** Bytes of a process that has loaded its engine and the smallest data set. */
const base = 100e6;
const float32 = 4;

export function needsOf(
  config: Config,
  model: Model,
  { optimizers, arrivalRules }: Pick<Catalogue, 'optimizers' | 'arrivalRules'>,
): Needs {
  const { workers, byzantine, optimizer, aggregator, batchSize, updates, servers } = config;
  const parameters = totalSize(model.parameters);
  // Each worker's message, and from its first arrival on the gradient of its next one, both perhaps with a reference
  // gradient; a meta-aggregator may make as many messages again.
  const each = optimizers.get(optimizer.name)!.create(optimizer).usesReference ? 2 : 1;
  const ofWorkers = (workers + Math.min(workers, updates)) * each;
  // Several servers have models of their own, and each worker is sent one that is its own too.
  const ofServers = servers === undefined ? 0 : servers.count + workers;
  // A rule of messages one by one keeps some, and may ask for the models that they were computed at.
  const oneByOne = arrivalRules.get(aggregator.rule);
  const setting = { workers, byzantine: byzantine.count, lambda: byzantine.lambda, weighted: false };
  const ofRule =
    (oneByOne?.remembers?.(aggregator, setting) ?? 0) + (oneByOne?.usesOrigin === true ? workers : 0);
  const vectors = ofWorkers + (aggregator.meta.length > 0 ? workers : 0) + ofServers + ofRule;
  return {
    parameters,
    messages: float32 * parameters * vectors,
    thread: float32 * (3 * parameters + model.activations * batchSize),
  };
}

/** What no machine can hold of a model and its messages. */
export function excess({ workers }: Pick<Config, 'workers'>, { parameters, messages }: Needs): Issue[] {
  if (messages <= maxMessages) return [];
  const each = `messages of ${count(parameters)} numbers`;
  return [
    {
      path: ['workers'],
      message:
        `invalid workers: ${workers} (their ${each} need ${bytes(messages)}, at most ${bytes(maxMessages)}: ` +
        'use fewer workers or a smaller model)',
    },
  ];
}

/** What a machine cannot hold, with so many compute threads. */
export function beyond(machine: Machine, config: Config, needs: Needs, threads = 1): Issue[] {
  const { parameters, messages, thread } = needs;
  const { workers, batchSize } = config;
  const wrong = (key: string, value: number, reason: string) => [
    { path: [key], message: `invalid ${key}: ${value} (${reason})` },
  ];
  const each = `messages of ${count(parameters)} numbers`;
  if (machine.messages !== undefined && messages > machine.messages) {
    const remedy = 'use fewer workers, a smaller model, or --backend tensorflow --device cuda';
    return wrong(
      'workers',
      workers,
      `their ${each} need ${bytes(messages)}, and the engines on a CPU hold ${bytes(machine.messages)}: ${remedy}`,
    );
  }
  const onHost = machine.messages === undefined ? 0 : messages;
  const total = memoryOf(machine, needs, threads);
  if (total <= machine.memory) return [];
  const has = `this machine has ${bytes(machine.memory)}`;
  if (onHost > threads * thread)
    return wrong('workers', workers, `their ${each} need ${bytes(total)}, ${has}: use fewer workers`);
  const side = threads > 1 ? ` in each of ${threads} threads` : '';
  const remedy = `use a smaller batch or model${threads > 1 ? ', or --threads 1' : ''}`;
  return wrong('batchSize', batchSize, `a gradient${side} takes ${bytes(total)} in all, ${has}: ${remedy}`);
}

/** Bytes that a run takes with so many compute threads. */
export function memoryOf({ messages: reach }: Machine, { messages, thread }: Needs, threads: number): number {
  return base + (reach === undefined ? 0 : messages) + threads * thread;
}

/** How many compute threads a machine has memory for: at least one. */
export function threadsWithin(machine: Machine, needs: Needs): number {
  return Math.max(1, Math.floor((machine.memory - memoryOf(machine, needs, 0)) / needs.thread));
}

function bytes(value: number): string {
  return value >= 1e12 ? `${(value / 1e12).toFixed(1)} TB` : `${(value / 1e9).toFixed(1)} GB`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
