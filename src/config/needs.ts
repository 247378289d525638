import { totalSize, type Model } from '../models/model.js';
import { carriedOut } from '../attacks/attack.js';
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
  /** Of these, what an attack sends late. */
  heldBack: number;
  /** Those in use: the others may lie anywhere in main memory. */
  used: number;
  /** What a rule keeps of the messages from one aggregation to the next. */
  kept: number;
  /** In each compute thread: the model, its gradient, and a batch on its way through. */
  thread: number;
}

/** Where it is to run. */
export interface Machine {
  /** Bytes of main memory. */
  memory: number;
  /** Bytes that messages in use may take; absent where they lie on a device whose memory is not known. */
  messages?: number;
}

type Definitions = Pick<
  Catalogue,
  'optimizers' | 'aggregators' | 'metaAggregators' | 'arrivalRules' | 'attacks' | 'modes'
>;

/** Bytes of a process that has loaded its engine and the smallest data set. */
const base = 100e6;
const float32 = 4;

export function needsOf(config: Config, model: Model, catalogue: Definitions): Needs {
  const { workers, byzantine, optimizer, aggregator, batchSize, updates, servers } = config;
  const parameters = totalSize(model.parameters);
  // Each worker's message, and from its first arrival on the gradient of its next one, both perhaps with a reference
  // gradient; a meta-aggregator may make as many messages again.
  const each = catalogue.optimizers.get(optimizer.name)!.create(optimizer).usesReference ? 2 : 1;
  const ofWorkers = (workers + Math.min(workers, updates)) * each;
  const mixed = aggregator.meta.length > 0 ? workers : 0;
  // Several servers have models of their own, and each worker is sent one that is its own too.
  const ofServers = servers === undefined ? 0 : servers.count + workers;
  const attack = carriedOut(byzantine.attack);
  const definition = catalogue.attacks.get(attack.attack)!;
  const staleness = (definition.kind === 'estimator' && definition.staleness?.(attack)) || 0;
  // Every message since, of each Byzantine worker, or of those that arrived.
  const inStep = catalogue.modes.get(config.mode)!.workers === 'in-step';
  const heldBack = Math.min(staleness, updates) * (inStep ? byzantine.count : byzantine.lambda);
  // Whoever attacks at times only has both messages.
  const both = attack === byzantine.attack ? 0 : byzantine.count;
  const vectors = ofWorkers + mixed + ofServers + heldBack + both;
  return {
    parameters,
    messages: float32 * parameters * vectors,
    heldBack: float32 * parameters * heldBack,
    used: float32 * parameters * (workers + mixed + ofServers + heldBack + both),
    kept: inStep ? 0 : keptBy(config, parameters, catalogue),
    thread: float32 * (3 * parameters + model.activations * batchSize),
  };
}

/** What the rule and its meta-aggregators keep, where most messages are the same from one aggregation to the next. */
function keptBy(
  { workers, byzantine, aggregator }: Config,
  parameters: number,
  definitions: Definitions,
): number {
  const oneByOne = definitions.arrivalRules.get(aggregator.rule);
  if (oneByOne) {
    const setting = { workers, byzantine: byzantine.count, lambda: byzantine.lambda, weighted: false };
    const models = oneByOne.usesOrigin ? workers : 0;
    return float32 * parameters * (models + (oneByOne.remembers?.(aggregator, setting) ?? 0));
  }
  const rule = definitions.aggregators.get(aggregator.rule);
  const meta = aggregator.meta.map((each) => definitions.metaAggregators.get(each.rule));
  return [rule, ...meta].reduce((sum, each) => sum + (each?.keeps?.(workers, parameters) ?? 0), 0);
}

/** What no machine can hold of a model and its messages. */
export function excess(config: Pick<Config, 'workers' | 'byzantine'>, needs: Needs): Issue[] {
  const { messages } = needs;
  if (messages <= maxMessages) return [];
  const { path, culprit, each, remedy } = tooMany(config, needs);
  const reason = `${each} need ${bytes(messages)}, at most ${bytes(maxMessages)}`;
  return [{ path, message: `invalid ${culprit} (${reason}: ${remedy} or a smaller model)` }];
}

/** What to say of too many messages: whose they are and how there will be fewer. */
function tooMany(
  { workers, byzantine }: Pick<Config, 'workers' | 'byzantine'>,
  { parameters, messages, heldBack }: Needs,
): { path: string[]; culprit: string; each: string; remedy: string } {
  const each = `messages of ${count(parameters)} numbers`;
  return heldBack > messages / 2
    ? {
        path: ['byzantine', 'attack'],
        culprit: `attack: ${byzantine.attack.attack}`,
        each: `the ${each} that it holds back`,
        remedy: 'use less staleness',
      }
    : {
        path: ['workers'],
        culprit: `workers: ${workers}`,
        each: `their ${each}`,
        remedy: 'use fewer workers',
      };
}

/** What a machine cannot hold, with so many compute threads. */
export function beyond(machine: Machine, config: Config, needs: Needs, threads = 1): Issue[] {
  const { used, messages, kept, thread } = needs;
  const { batchSize } = config;
  const { path, culprit, each, remedy: fewer } = tooMany(config, needs);
  const wrong = (reason: string) => [{ path, message: `invalid ${culprit} (${each} need ${reason})` }];
  if (machine.messages !== undefined && used > machine.messages)
    return wrong(
      `${bytes(used)}, and the engines on a CPU hold ${bytes(machine.messages)}: ` +
        `${fewer}, a smaller model, or --backend tensorflow --device cuda`,
    );
  const onHost = machine.messages === undefined ? 0 : messages + kept;
  const total = memoryOf(machine, needs, threads);
  if (total <= machine.memory) return [];
  const has = `this machine has ${bytes(machine.memory)}`;
  const beside = kept > 0 ? `, ${bytes(kept)} of it for what ${config.aggregator.rule} keeps of them` : '';
  if (onHost > threads * thread) return wrong(`${bytes(total)}${beside}, ${has}: ${fewer}`);
  const side = threads > 1 ? ` in each of ${threads} threads` : '';
  const remedy = `use a smaller batch or model${threads > 1 ? ', or --threads 1' : ''}`;
  const gradient = `a gradient${side} takes ${bytes(total)} in all, ${has}: ${remedy}`;
  return [{ path: ['batchSize'], message: `invalid batchSize: ${batchSize} (${gradient})` }];
}

/** Bytes that a run takes with so many compute threads. */
export function memoryOf(
  { messages: reach }: Machine,
  { messages, kept, thread }: Needs,
  threads: number,
): number {
  return base + (reach === undefined ? 0 : messages + kept) + threads * thread;
}

/** How many compute threads a machine has memory for: at least one. */
export function threadsWithin(machine: Machine, needs: Needs): number {
  return Math.max(1, Math.floor((machine.memory - memoryOf(machine, needs, 0)) / needs.thread));
}

/** What the messages of a config take in main memory, and what is kept of them, where it is much; else nothing. */
export function describeMemory({ aggregator }: Config, { messages, kept }: Needs): string | undefined {
  if (messages + kept < 1e9) return undefined;
  const beside = kept > 0 ? `, and what ${aggregator.rule} keeps of them ${bytes(kept)}` : '';
  return `messages take up to ${bytes(messages)}${beside}`;
}

function bytes(value: number): string {
  return value >= 1e12 ? `${(value / 1e12).toFixed(1)} TB` : `${(value / 1e9).toFixed(1)} GB`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
