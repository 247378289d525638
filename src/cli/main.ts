import { CommanderError } from 'commander';
import { ExperimentError, UserError } from '../errors.js';
import { createProgram } from './program.js';

/**
 * Runs the command line. Exit status: 0 done; 1 the experiment says no (it diverged); 2 usage, config, data or crash;
 * 130 and 143 interrupted.
 */
export async function main(argv: readonly string[]): Promise<void> {
  // A closed pipe (`byzsim list | head`) is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    process.exitCode = explain(error);
  }
}

/** Prints what went wrong, and returns the exit status. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ExperimentError) {
    process.stderr.write(`byzsim: ${error.message}\n`);
    return 1;
  }
  if (error instanceof UserError) {
    process.stderr.write(`byzsim: ${error.message}\n`);
    return 2;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`byzsim: internal error, please report it:\n${details}\n`);
  return 2;
}
