/**
 * A mistake the user can mend: configuration, data, usage. Printed as one sentence without a stack; exit status 2.
 * Grammar of the sentence: "invalid k: 0", "unknown aggregator: crum (did you mean krum?)", "missing dataset: ...",
 * then what to do.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The experiment itself says no: it ended early, or a threshold was missed. Exit status 1. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';
}

/** The protocol cannot go on, whatever the numbers are: too few nodes answer, say. */
export class StoppedError extends ExperimentError {}

/** How a run ends that does not make all of its steps. */
export const earlyEnds = [
  /** Numbers are not finite any more, or too large. */
  'diverged',
  /** The protocol cannot go on. */
  'stopped',
] as const;

/** A run cannot go on. */
export class EndedEarly extends ExperimentError {
  /** @param step the one that it did not get beyond, from 1 */
  constructor(
    message: string,
    readonly step: number,
    readonly status: (typeof earlyEnds)[number] = 'diverged',
  ) {
    super(message);
  }
}
