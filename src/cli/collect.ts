import { join } from 'node:path';
import { UserError } from '../base/errors.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { isOver } from '../study/run-state.js';
import { studyTables } from '../study/study-file.js';
import { loadSweep } from '../sweep/load.js';
import {
  describeCounts,
  describeInvalid,
  describeResults,
  describeTroubles,
  sweepJson,
} from './sweep-report.js';
import { statesOf, writeResults, type DataNow } from '../library/sweep-states.js';

export interface CollectFlags {
  out: string;
  json?: boolean;
}

/**
 * Writes the tables of a sweep from the runs that are there, whoever did them, and prints the results. Exit status: 0, or
 * 1 where a run is not done.
 */
export async function collect(
  file: string,
  overrides: string[],
  { out, json }: CollectFlags,
  catalogue: Catalogue,
): Promise<number> {
  const plan = await loadSweep(file, overrides, catalogue, { out });
  const data: DataNow = new Map();
  const states = await statesOf(plan, catalogue, { data });
  if (![...states.values()].some(isOver))
    throw new UserError(`missing runs: none of ${file} is done in ${plan.folder}`);
  await writeResults(plan, states, data, (text) => void process.stderr.write(`${text}\n`));
  process.stderr.write(describeInvalid(plan, states));
  if (json) process.stdout.write(`${JSON.stringify(sweepJson(plan, states), undefined, 2)}\n`);
  else {
    process.stdout.write(`${describeResults(plan, states)}${describeCounts(states)}\n`);
    for (const name of [studyTables.runs, studyTables.metrics])
      process.stdout.write(`${join(plan.folder, name)}\n`);
  }
  process.stderr.write(describeTroubles(plan, states));
  return [...states.values()].every(({ status }) => status === 'done') ? 0 : 1;
}
