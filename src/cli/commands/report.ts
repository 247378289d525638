import type { Command } from 'commander';
import type { ReportChoices } from '../report.js';

/** `byzsim report`. */
export function registerReport(program: Command): void {
  program
    .command('report')
    .description('put figures, tables, configs and provenance of finished runs into one HTML file')
    .argument('<paths...>', 'run folders, or folders around them')
    .option('-o, --output <file>', 'the page (default: report.html in the first path)')
    .option('--title <text>', 'its title (default: the name of the study)')
    .addHelpText(
      'after',
      `
The page needs no other file, runs no script and asks no server.

Examples:
  byzsim report results/figure-a
  byzsim report results/figure-a results/more -o figure-a.html \\
      --title 'Weighted rules'`,
    )
    .action(async (paths: string[], choices: ReportChoices) => {
      const { report } = await import('../report.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      await report(paths, choices, builtins);
    });
}
