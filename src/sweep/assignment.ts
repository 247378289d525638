import type { Path } from '../base/issues.js';

/** Where an assignment was written: a path in the sweep file, or a word of the command line. */
export type Origin = { path: Path } | { text: string };

/** A value for a key of a config. */
export interface Assignment {
  /** Dotted path, as the user wrote it. */
  key: string;
  path: Path;
  value: unknown;
  origin: Origin;
}

/** A key with the values that it takes in turn. */
export interface Axis {
  key: string;
  values: readonly Assignment[];
}

/** What is wrong with a sweep, and where. */
export interface SweepIssue {
  message: string;
  origin: Origin;
  /** The key is wrong, not its value. */
  atKey?: boolean;
}
