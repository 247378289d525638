import type { Command } from 'commander';

/** `byzsim data list|fetch|verify`. */
export function registerData(program: Command): void {
  const data = program
    .command('data')
    .description('data sets on this machine: where they lie, fetch, verify');

  data
    .command('list')
    .description('show each data set and where it lies')
    .option('--json', 'print it as JSON')
    .action(async (flags: { json?: boolean }) => {
      const { listData } = await import('../data.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.stdout.write(await listData(flags, builtins.datasets));
    });

  data
    .command('fetch')
    .description('download a data set, or generate digits')
    .argument('<name>', 'mnist, fashion-mnist, cifar10, ... (see data list)')
    .option('--json', 'print where it lies as JSON')
    .option('--quiet', 'print no progress')
    .action(async (name: string, flags: { json?: boolean; quiet?: boolean }) => {
      const { fetchData } = await import('../data.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await fetchData(name, flags, builtins.datasets);
    });

  data
    .command('verify')
    .description('read every file and compare it with the published checksums')
    .argument('[name]', 'one data set, or a config: those it names (default: all that are here)')
    .option('--json', 'print it as JSON')
    .action(async (name: string | undefined, flags: { json?: boolean }) => {
      const { verifyData } = await import('../data.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await verifyData(name, flags, builtins);
    });

  data.addHelpText(
    'after',
    `
Files are looked for in BYZSIM_DATA_DIR, or else in the cache folder ($XDG_CACHE_HOME/byzsim).

Examples:
  byzsim data fetch mnist
  BYZSIM_DATA_DIR=~/data byzsim data verify cifar10`,
  );
}
