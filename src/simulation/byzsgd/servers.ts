import type { ServerAttackDefinition } from '../../attacks/servers/server-attack.js';
import type { Random } from '../../base/random.js';
import type { Vector, Vectors } from '../../compute/vectors/vectors.js';
import type { Server } from '../server.js';

/** How the Byzantine servers of a run make their messages; silent ones make none. */
export interface ServerAttack {
  silent: boolean;
  perReceiver: boolean;
  message(model: Vector, correct: readonly Vector[], receiver: number): Vector;
}

/** The attack of a resolved config, at work. */
export function createServerAttack(
  definition: ServerAttackDefinition,
  parameters: Record<string, unknown>,
  { vectors, random }: { vectors: Vectors; random: Random },
): ServerAttack {
  if (definition.kind === 'silent')
    return {
      silent: true,
      perReceiver: false,
      message: () => {
        throw new TypeError(`${definition.name} servers send nothing`);
      },
    };
  const create = definition.create(parameters);
  return {
    silent: false,
    perReceiver: definition.perReceiver ?? false,
    message: (model, correct, receiver) =>
      vectors.scope(() => create({ vectors, model, correct: vectors.stack(correct), receiver, random })),
  };
}

/** What all servers send in one phase. Valid until it is released. */
export interface SentModels {
  /** The model that a server sends to a receiver, both 0-based; nothing where it is not finite, which nobody takes. */
  of(server: number, receiver: number): Vector | undefined;
  release(): void;
}

/** Servers, of which the last are Byzantine: they keep the protocol with models of their own and send others. */
export class ServerGroup {
  constructor(
    readonly all: readonly Server[],
    private readonly byzantine: number,
    private readonly attack: ServerAttack,
    private readonly vectors: Vectors,
  ) {}

  /** How many of them, the last ones, never send anything. */
  get silent(): number {
    return this.attack.silent ? this.byzantine : 0;
  }

  isByzantine(server: number): boolean {
    return server >= this.all.length - this.byzantine;
  }

  /**
   * What they send to so many receivers. All messages are made at once and in the order of ids, so that what an attack
   * draws does not depend on who asks first.
   *
   * @param isUp whether a server has not crashed: the attack knows of the others alone
   */
  send(receivers: number, isUp: (server: number) => boolean): SentModels {
    const { all, attack, vectors } = this;
    const correct = all.filter((_, s) => !this.isByzantine(s) && isUp(s)).map(({ model }) => model);
    const made = new Map<number, Vector[]>();
    const unusable = new Set<Vector>();
    all.forEach(({ model }, s) => {
      if (!this.isByzantine(s) || !isUp(s) || attack.silent) return;
      const count = attack.perReceiver ? receivers : 1;
      const messages = Array.from({ length: count }, (_, k) => attack.message(model, correct, k + 1));
      for (const message of messages) if (!vectors.isFinite(message)) unusable.add(message);
      made.set(s, messages);
    });
    return {
      of(server, receiver) {
        const own = made.get(server);
        const message = own ? own[attack.perReceiver ? receiver : 0] : all[server].model;
        return unusable.has(message) ? undefined : message;
      },
      release: () => [...made.values()].flat().forEach((message) => vectors.release(message)),
    };
  }
}

/** The coordinate-wise median, between the middle two of an even number. A new vector. */
export function medianOf(models: readonly Vector[], vectors: Vectors): Vector {
  return vectors.scope(() =>
    vectors.stack(models).weightedMedian(new Array<number>(models.length).fill(1), 'midpoint'),
  );
}

/** The largest distance between two models; 0 where there is but one. */
export function largestDistance(models: readonly Vector[], vectors: Vectors): number {
  return Math.max(
    0,
    ...models.flatMap((model, k) => {
      const others = models.slice(k + 1);
      return others.length > 0 ? [...vectors.stack(others).distancesTo(model)] : [];
    }),
  );
}
