import type { Command } from 'commander';

/** `byzsim schema`. */
export function registerSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of configs, for editors')
    .option('--with <files...>', 'with what these modules of yours define')
    .addHelpText(
      'after',
      `
A config that starts with this line gets completion and checks in editors that
use the YAML language server:
  # yaml-language-server: $schema=./schema.json`,
    )
    .action(async ({ with: modules = [] }: { with?: string[] }) => {
      const { configJsonSchema } = await import('../../config/json-schema.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      const { catalogueWith } = await import('../../config/modules.js');
      const catalogue = await catalogueWith(modules, builtins);
      process.stdout.write(`${JSON.stringify(configJsonSchema(catalogue), undefined, 2)}\n`);
    });
}
