import { Argument, type Command } from 'commander';
import { newKinds, type NewKind } from '../new-kinds.js';

/** `byzsim new`. */
export function registerNew(program: Command): void {
  program
    .command('new')
    .description('write a starting point for a rule, an attack, … of yours: a module, its test, a config')
    .addArgument(new Argument('<kind>', 'what it is to be').choices(newKinds))
    .argument('<name>', 'its name in configs, and of the files: lower case, digits, hyphens')
    .option('--ts', 'write TypeScript, NAME.ts')
    .addHelpText(
      'after',
      `
Writes NAME.js, which works as it is and says what is what, NAME.test.mjs, a test for
node --test, and NAME.yaml, a small experiment with it, into the current folder. No
file is ever overwritten. The test calls the byzsim on the PATH.

Examples:
  byzsim new aggregator my-rule
  byzsim new attack my-attack --ts
  byzsim new config my-study`,
    )
    .action(async (kind: NewKind, name: string, { ts = false }: { ts?: boolean }) => {
      const { createNew } = await import('../new.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      createNew(kind, name, ts, builtins);
    });
}
