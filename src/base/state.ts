import { UserError } from './errors.js';

/** What a part remembers: numbers, text, lists, mappings and typed arrays; nothing that runs and nothing that is pending. */
export type Saved = unknown;

/** A part that remembers something from one update to the next. */
export interface Stateful {
  /** A copy of all it remembers, or a promise of it: what is still being computed is awaited and saved as its value. */
  save(): Saved;
  /** Takes the place of a part that was saved. */
  load(saved: Saved): void;
}

/** A value that is saved and loaded with its tree, so it is read from here each time. */
export interface Remembered<T> {
  value: T;
}

/** All that a run remembers, by path: "server", "random/arrivals", "workers/3". */
export type Snapshot = Readonly<Record<string, Saved>>;

/**
 * The one place that knows of saving. Whatever remembers registers here when it is made; a run that was made anew from
 * the same config and loaded with a snapshot goes on as the saved one would have, to the last byte.
 */
export class StateTree {
  private readonly parts: Map<string, Stateful>;
  private readonly prefix: string;

  constructor(parent?: StateTree, name?: string) {
    this.parts = parent?.parts ?? new Map<string, Stateful>();
    this.prefix = parent ? `${parent.prefix}${name}/` : '';
  }

  /** The tree below a name: what registers there has paths that begin with it. */
  within(name: string): StateTree {
    return new StateTree(this, name);
  }

  /** @throws TypeError where two parts have one path: one of them would be lost */
  register(name: string, part: Stateful): void {
    const path = this.prefix + name;
    if (this.parts.has(path)) throw new TypeError(`two parts remember under ${path}`);
    this.parts.set(path, part);
  }

  /**
   * A value that is saved under a name: plain data. Saving it throws a UserError where it is none, as in a definition of
   * the user's own.
   */
  remember<T>(name: string, initial: T): Remembered<T> {
    const remembered = { value: initial };
    const path = this.prefix + name;
    this.register(name, {
      save: () => copyOf(remembered.value, path),
      load: (saved) => (remembered.value = saved as T),
    });
    return remembered;
  }

  /** Of all that registered at this name or below it. */
  paths(): string[] {
    return [...this.parts.keys()].filter((path) => path.startsWith(this.prefix));
  }

  /** What the part at one of these paths saves. */
  saveOne(path: string): Saved {
    return this.parts.get(path)!.save();
  }

  /** What every part of the whole tree remembers now, one at a time: all together they may be as large as the run. */
  async *entries(): AsyncGenerator<readonly [path: string, saved: Saved], void> {
    for (const [path, part] of this.parts) yield [path, await part.save()];
  }

  async save(): Promise<Snapshot> {
    const snapshot: Record<string, Saved> = {};
    for await (const [path, saved] of this.entries()) snapshot[path] = saved;
    return snapshot;
  }

  /**
   * Gives every part what it saved.
   * @throws TypeError where the snapshot is of another tree
   */
  load(snapshot: Snapshot): void {
    this.loadEach(Object.keys(snapshot), (path) => snapshot[path]);
  }

  /**
   * As `load`, from wherever a snapshot is kept: reads a part when its turn has come.
   * @param paths of all parts that were saved
   */
  loadEach(paths: readonly string[], read: (path: string) => Saved): void {
    const saved = new Set(paths);
    const odd = [...this.parts.keys()].find((path) => !saved.delete(path)) ?? [...saved][0];
    if (odd !== undefined)
      throw new TypeError(`the snapshot is of another run: ${odd} is in one of them only`);
    for (const [path, part] of this.parts) part.load(read(path));
  }
}

function copyOf<T>(value: T, path: string): T {
  try {
    return structuredClone(value);
  } catch (error) {
    const reason = (error as Error).message.replace(/\.$/, '');
    throw new UserError(
      `${path} remembers what cannot be saved: ${reason} (expected numbers, text, lists, mappings, typed arrays)`,
    );
  }
}
