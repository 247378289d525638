import { UserError } from '../base/errors.js';
import { dataDirectory } from '../data/directory.js';
import { fetchMissing, missingFiles } from '../data/fetch.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { PlannedRun } from '../sweep/sweep.js';

/**
 * Downloads what is missing of the data sets of some runs, once for all of them.
 *
 * @throws UserError where no run has its data; where others have theirs, those that lack them fail by themselves
 */
export async function requireData(
  runs: readonly Pick<PlannedRun, 'config'>[],
  { datasets }: Catalogue,
  { signal, onNote }: { signal: AbortSignal; onNote: (text: string) => void },
): Promise<void> {
  const names = [...new Set(runs.map(({ config }) => config.dataset.name))];
  const problems: UserError[] = [];
  for (const name of names) {
    const files = datasets.get(name)?.files;
    if (!files?.fetch || (await missingFiles(dataDirectory(), files)).length === 0) continue;
    onNote(`downloading ${name}`);
    try {
      await fetchMissing(name, files, dataDirectory(), { signal });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error);
    }
  }
  if (problems.length === names.length) throw problems[0];
}
