/**
 * A mistake the user can mend: configuration, data, usage. Printed as one sentence without a stack; exit status 2.
 * Grammar of the sentence: "invalid k: 0", "unknown aggregator: crum (did you mean krum?)", "missing dataset: ...",
 * then what to do.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The experiment itself says no: it diverged, or a threshold was missed. Exit status 1. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';
}

/** A run cannot go on. */
export class EndedEarly extends ExperimentError {
  /** @param step the one that it did not get beyond, from 1 */
  constructor(
    message: string,
    readonly step: number,
  ) {
    super(message);
  }
}
