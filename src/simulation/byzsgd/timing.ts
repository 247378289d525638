import { StoppedError } from '../../base/errors.js';
import type { Remembered, StateTree } from '../../base/state.js';
import { EventQueue } from '../event-queue.js';
import type { Delays } from './delays.js';
import type { Faults } from './faults.js';
import { nodeName, type Kind } from './nodes.js';

/** What a node takes of the messages of one phase of a step. */
export interface Heard {
  /** 0-based senders, in the order of their ids. */
  from: number[];
  /** When the last of them arrived. */
  time: number;
}

/** How many messages of one phase a node waits for, and how many of them it needs to go on. */
export interface Quorum {
  takes: number;
  needs: number;
}

export interface TimingSetting {
  servers: number;
  /** The last of them never send. */
  silentServers: number;
  /** Servers that are not Byzantine, the first ids: a step ends with the last of them. */
  correct: number;
  workers: number;
  /** Of models, a server's own included, and of gradients. */
  quorums: { models: Quorum; gradients: Quorum };
  /** By phase, so that a gather moves no other delays. */
  delays: { scatter: Delays; gradients: Delays; gather: Delays };
  /** How long each worker takes for its next gradient. */
  durations: () => number[];
  faults: Faults;
}

/** When each node is done with what it did last; Infinity: it has crashed. */
interface Times {
  servers: number[];
  workers: number[];
}

interface Message {
  from: number;
  to: number;
}

/**
 * Who hears whom, and when. It depends on delays, compute times and faults alone, never on what is sent; and a message
 * counts in its own step only, whenever that is for its receiver: an early one waits, a late one is dropped. So a step's
 * messages are played through the event queue phase by phase, in which fast nodes are far ahead of slow ones in virtual
 * time, and none is left in it when the phase ends.
 */
export class Timing {
  private readonly queue = new EventQueue<Message>();
  private readonly times: Remembered<Times>;
  private readonly sent: Remembered<number>;

  constructor(
    private readonly setting: TimingSetting,
    state: StateTree,
  ) {
    this.times = state.remember('times', {
      servers: new Array<number>(setting.servers).fill(0),
      workers: new Array<number>(setting.workers).fill(0),
    });
    this.sent = state.remember('messages', 0);
  }

  /** Messages sent so far, all phases and nodes. */
  get messages(): number {
    return this.sent.value;
  }

  /** When the last correct server was done. */
  get time(): number {
    const { servers } = this.times.value;
    return Math.max(...servers.slice(0, this.setting.correct).filter(Number.isFinite));
  }

  isUp(kind: Kind, index: number): boolean {
    return Number.isFinite(this.times.value[kind === 'server' ? 'servers' : 'workers'][index]);
  }

  /**
   * Every server sends its model to every worker, which computes its gradient when the last of its quorum has arrived and
   * its own step before is done.
   *
   * @param pulled whether workers ask for models instead, which are counted as they are asked for
   * @returns by worker whose models it takes; nothing for one that is done with nothing any more
   * @throws StoppedError that names the quorum not met
   */
  scatter(step: number, pulled = false): (Heard | undefined)[] {
    const { quorums, delays, durations } = this.setting;
    const { workers } = this.times.value;
    const before = this.sent.value;
    const heard = this.play(step, 'server', 'worker', quorums.models, delays.scatter);
    if (pulled) this.sent.value = before;
    durations().forEach((duration, j) => {
      const start = Math.max(workers[j], heard[j]?.time ?? Infinity);
      workers[j] = this.unlessCrashed('worker', j, start + duration);
    });
    return heard.map((each, j) => (this.isUp('worker', j) ? each : undefined));
  }

  /** So many models were asked for and sent. */
  pulled(count: number): void {
    this.sent.value += count;
  }

  /** Every worker sends its gradient to every server; as `scatter`, by server. */
  gradients(step: number): (Heard | undefined)[] {
    const { quorums, delays } = this.setting;
    return this.move(step, this.play(step, 'worker', 'server', quorums.gradients, delays.gradients));
  }

  /** Every server sends its model to the others: whose models each takes beside its own. */
  gather(step: number): (Heard | undefined)[] {
    const { quorums, delays } = this.setting;
    const { takes, needs } = quorums.models;
    const others = { takes: takes - 1, needs: needs - 1 };
    return this.move(step, this.play(step, 'server', 'server', others, delays.gather));
  }

  /** Servers go on when the last of what they heard has arrived. */
  private move(step: number, heard: (Heard | undefined)[]): (Heard | undefined)[] {
    const { servers } = this.times.value;
    heard.forEach((each, s) => {
      servers[s] = this.unlessCrashed('server', s, Math.max(servers[s], each?.time ?? Infinity));
    });
    if (!Number.isFinite(this.time))
      throw new StoppedError(`no server left in step ${step}: all that are not Byzantine have crashed`);
    return heard.map((each, s) => (this.isUp('server', s) ? each : undefined));
  }

  /** One phase: every node that is up sends to every other one, and takes what arrives first; ties go to the lower id. */
  private play(step: number, from: Kind, to: Kind, quorum: Quorum, delays: Delays): (Heard | undefined)[] {
    const { queue } = this;
    const { servers, workers } = this.times.value;
    const [senders, receivers] = [from, to].map((kind) => (kind === 'server' ? servers : workers));
    const missing: string[] = [];
    senders.forEach((time, sender) => {
      const excuse = this.excuse(from, sender, time);
      if (excuse) missing.push(excuse);
      receivers.forEach((_, receiver) => {
        if (from === to && receiver === sender) return;
        // Drawn in any case, so that who is silent moves no other message.
        const delay = delays(nodeName(from, sender), nodeName(to, receiver));
        if (excuse) return;
        queue.push(time + delay, { from: sender, to: receiver });
        this.sent.value++;
      });
    });

    const heard = receivers.map((): Heard => ({ from: [], time: 0 }));
    while (queue.size > 0) {
      const { time, event } = queue.pop();
      const box = heard[event.to];
      if (box.from.length === quorum.takes) continue;
      box.from.push(event.from);
      box.time = time;
    }
    return heard.map((box, receiver) => {
      if (!this.isUp(to, receiver)) return undefined;
      if (box.from.length < quorum.needs)
        throw new StoppedError(
          unmet(step, from, nodeName(to, receiver), quorum.needs, box.from.length, missing),
        );
      return { from: box.from.sort((a, b) => a - b), time: box.time };
    });
  }

  /** Why a node does not send at a time; nothing if it does. */
  private excuse(kind: Kind, index: number, time: number): string | undefined {
    const { servers, silentServers, faults } = this.setting;
    const node = nodeName(kind, index);
    if (!Number.isFinite(time)) return `${node} has crashed`;
    const attacks = kind === 'server' && index >= servers - silentServers;
    return attacks || faults.isSilent(node, time) ? `${node} is silent` : undefined;
  }

  private unlessCrashed(kind: Kind, index: number, time: number): number {
    return this.setting.faults.hasCrashed(nodeName(kind, index), time) ? Infinity : time;
  }
}

function unmet(
  step: number,
  from: Kind,
  node: string,
  needs: number,
  gets: number,
  missing: readonly string[],
): string {
  const what = from === 'server' ? 'models' : 'gradients';
  const why = missing.length > 0 ? ` (${missing.join(', ')})` : '';
  return `quorum not met in step ${step}: ${node} waits for ${needs} ${what} of others and gets ${gets}${why}`;
}
