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

/** "seeds[1]" for the path of a value: its last key and the indices behind it. */
export function nameOf(path: Path): string {
  const start = path.findLastIndex((step) => typeof step === 'string');
  const [key, ...indices] = path.slice(Math.max(0, start));
  return `${key ?? 'config'}${indices.map((index) => `[${index}]`).join('')}`;
}
