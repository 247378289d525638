import type { Command } from 'commander';

/** `byzsim schema`. */
export function registerSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of configs, for editors')
    .addHelpText(
      'after',
      `
A config that starts with this line gets completion and checks in editors that
use the YAML language server:
  # yaml-language-server: $schema=./schema.json`,
    )
    .action(async () => {
      const { configJsonSchema } = await import('../../config/json-schema.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.stdout.write(`${JSON.stringify(configJsonSchema(builtins), undefined, 2)}\n`);
    });
}
