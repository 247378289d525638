import { CommanderError } from 'commander';
import { ExperimentError } from '../base/errors.js';
import { sentenceOf } from '../base/explain.js';
import { leave, toItsEnd } from './leave.js';
import { createProgram } from './program.js';
import { watchStreams } from './streams.js';

/**
 * Runs the command line. Exit status: 0 done; 1 the experiment says no (it ended early); 2 usage, config, data or crash;
 * 129, 130 and 143 interrupted, and 75 where it is to be run again.
 */
export async function main(argv: readonly string[]): Promise<void> {
  watchStreams();
  await toItsEnd(async () => {
    try {
      await createProgram().parseAsync(argv);
    } catch (error) {
      process.exitCode = explain(error);
    }
  });
}

/** Ends the process for an error that no command caught. */
export function crash(error: unknown): never {
  leave(explain(error));
}

/** Prints what went wrong, and returns the exit status. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const sentence = sentenceOf(error);
  if (sentence !== undefined) {
    process.stderr.write(`byzsim: ${sentence}\n`);
    return error instanceof ExperimentError ? 1 : 2;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`byzsim: internal error, please report it:\n${details}\n`);
  return 2;
}
