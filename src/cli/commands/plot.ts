import type { Command } from 'commander';
import { append } from './options.js';

/** `byzsim plot`. */
export function registerPlot(program: Command): void {
  program
    .command('plot')
    .description(
      'draw the curves of finished runs, mean and deviation over seeds, a heatmap of final values, or shards',
    )
    .argument('<paths...>', 'run folders, or folders around them; and choices such as y=test_loss')
    .requiredOption(
      '-o, --output <file>',
      'the figure, an .svg, .pdf or .png; its numbers go beside it as .summary.csv',
    )
    .option('--where <key=value>', 'only runs that have it; may be repeated', append)
    .addHelpText(
      'after',
      `
Choices:
  kind=curves     or heatmap: final values of rules (rows) against attacks (columns), and the worst case;
                  or shards: the training data of each worker by label, where data are split
  x=update        curves: or time, epoch; heatmap: the columns, any key of the configs such as lambda
  y=test_accuracy any column of metrics.csv; heatmap: or when it is reached:
                  'time to test_accuracy 0.95', updates or epochs to it
  colour=rule     any key of the configs, such as optimizer or workers
  facet=attack    curves: a panel for each value of a key
  ymin=80         curves: where the y axis begins, in its unit (percent for accuracies); heatmap: the value of the palest colour
  ymax=100        where it ends; the value of the darkest colour
  xscale=linear   curves: or log, a logarithmic x axis
  sharey=true     curves: one y axis for all panels; false: one for each

Examples:
  byzsim plot results/figure-a -o figure-a.svg
  byzsim plot results/figure-c colour=optimizer x=epoch ymin=90 -o figure-c.png
  byzsim plot results/grid kind=heatmap -o grid.svg
  byzsim plot results/grid kind=heatmap --where optimizer=mu2-sgd -o mu2-sgd.svg
  byzsim plot results/uneven kind=shards -o shards.svg`,
    )
    .action(async (words: string[], flags: { output: string; where?: string[] }) => {
      const { plot } = await import('../plot.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      await plot(words, flags, builtins);
    });
}
