/** A key or an index on the way from the top of a config to a value. */
export type Path = readonly (string | number)[];

/** One thing wrong with a config, and where. */
export interface Issue {
  path: Path;
  /** One sentence in the grammar of UserError. */
  message: string;
  /** The key itself is wrong, not its value. */
  atKey?: boolean;
}

/** The same issues, seen from further up. */
export function within(path: Path, issues: readonly Issue[]): Issue[] {
  return issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

/** Whether an issue is about a value that was set at a path: about a part of it, or about a key on the way there. */
export function isAbout({ path, atKey }: Issue, set: Path): boolean {
  const shared = Math.min(path.length, set.length);
  const agree = set.slice(0, shared).every((step, k) => path[k] === step);
  return agree && (path.length >= set.length || (path.length > 0 && atKey === true));
}

/** "seeds[1]" for the path of a value: its last key and the indices behind it. */
export function nameOf(path: Path): string {
  const start = path.findLastIndex((step) => typeof step === 'string');
  const [key, ...indices] = path.slice(Math.max(0, start));
  return `${key ?? 'config'}${indices.map((index) => `[${index}]`).join('')}`;
}
