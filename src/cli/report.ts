import { dirname, extname, join } from 'node:path';
import { UserError } from '../errors.js';
import { makeFolder, writeWhole } from '../results/files.js';
import { readStudy } from '../results/study.js';

export interface ReportChoices {
  output?: string;
  title?: string;
}

/** Writes a report on the runs below some paths; prints its name. */
export async function report(paths: readonly string[], { output, title }: ReportChoices): Promise<void> {
  const file = output ?? join(paths[0], 'report.html');
  if (!['.html', '.htm'].includes(extname(file).toLowerCase())) {
    throw new UserError(`unknown format: ${extname(file) || file}; a report is an .html`);
  }
  const study = readStudy(paths);
  for (const note of study.notes) process.stderr.write(`byzsim: ${note}\n`);
  const { createReport } = await import('../report/report.js');
  const page = await createReport(study, { title });
  makeFolder(dirname(file));
  writeWhole(file, page);
  process.stdout.write(`${file}\n`);
}
