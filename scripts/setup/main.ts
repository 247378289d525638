import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from '../../src/errors.js';

/** The options of a setup script. @throws UserError for one that it does not know */
export function parseOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UserError(`invalid options: ${(error as Error).message.split('. ')[0]} (--help shows them)`);
  }
}

/** Runs a setup script. Exit status: 0, or 2 when it fails. */
export async function main(script: () => Promise<void>): Promise<void> {
  try {
    await script();
  } catch (error) {
    process.stderr.write(`${error instanceof UserError ? error.message : (error as Error).stack}\n`);
    process.exitCode = 2;
  }
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
