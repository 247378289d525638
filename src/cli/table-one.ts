import { join } from 'node:path';
import { UserError } from '../base/errors.js';
import { makeFolder, writeWhole } from '../results/files.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { draw, searched, tableOf, type NamedRule } from './robustness.js';

/** The study's name and folder. */
export const tableOneStudy = 'table-1';

/** The rules of Table 1 of "Weight for Robustness". */
export const tableOneRules: readonly NamedRule[] = [
  { word: 'cwmed', title: 'ω-CWMed' },
  { word: '{rule: geometric-median, tolerance: 1e-6}', title: 'ω-GM' },
  { word: 'cwmed+ctma', title: 'ω-CWMed + ω-CTMA' },
  { word: '{rule: geometric-median, tolerance: 1e-6, meta: [ctma]}', title: 'ω-GM + ω-CTMA' },
];

/** λ from 0 to 0.45. */
const lambdas = Array.from({ length: 10 }, (_, k) => k / 20);
const cases = 200;

/**
 * Searches for the c_λ of the rules of Table 1, prints them beside the proved bounds, and writes table.txt, figure.svg and
 * figure.summary.csv into `out`/table-1. Exit status: as byzsim robustness.
 *
 * @throws UserError where it is told what only sweeps take
 */
export async function reproduceTableOne(
  overrides: readonly string[],
  { seeds, dryRun, out, quiet }: { seeds?: number; dryRun?: boolean; out: string; quiet?: boolean },
  catalogue: Catalogue,
): Promise<number> {
  const foreign = seeds === undefined ? overrides[0] : '--seeds';
  if (foreign !== undefined)
    throw new UserError(
      `invalid argument: ${foreign} (${tableOneStudy} trains nothing; byzsim robustness has its own options)`,
    );
  const folder = join(out, tableOneStudy);
  if (dryRun) {
    const searches = `${tableOneRules.length} rules x ${lambdas.length} values of λ`;
    process.stdout.write(`${searches}, ${cases} vector sets each, into ${folder}\n`);
    return 0;
  }
  return searched(tableOneRules, { lambda: lambdas, cases, seed: 1, quiet }, catalogue, async (measured) => {
    const table = tableOf(measured);
    process.stdout.write(table);
    makeFolder(folder);
    writeWhole(join(folder, 'table.txt'), table);
    await draw(measured, join(folder, 'figure.svg'), 'svg');
  });
}
