import { UserError } from '../base/errors.js';
import { mlflowRunOf } from '../export/mlflow-run.js';
import { sendToMlflow } from '../export/mlflow-server.js';
import { writeMlflowStore } from '../export/mlflow-store.js';
import { writeEvents } from '../export/study.js';
import { csvOf, latexOf, tableOf } from '../export/table.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { Labels } from '../study/labels.js';
import { readStudy } from '../study/study.js';
import { nearest } from '../base/suggest.js';

/** What takes a place, and what goes to standard output. */
export const places = ['tensorboard', 'mlflow'];
export const texts = ['latex', 'csv', 'json'];

/** Hands finished runs to other programs. Exit status: 0. */
export async function exportRuns(
  paths: readonly string[],
  [format, place, ...more]: readonly string[],
  catalogue: Catalogue,
): Promise<number> {
  requireFormat(format, place, more);
  const { runs, notes } = readStudy(paths);
  for (const note of notes) process.stderr.write(`byzsim: ${note}\n`);
  const told = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`;
  if (format === 'tensorboard') {
    writeEvents(place, runs);
    process.stderr.write(`${told}: tensorboard --logdir ${place}\n`);
  } else if (format === 'mlflow' && isServer(place)) {
    const sent = await sendToMlflow(place, runs.map(mlflowRunOf));
    process.stderr.write(
      `sent ${sent} of ${told}${sent < runs.length ? '; the others are there already' : ''}\n`,
    );
  } else if (format === 'mlflow') {
    writeMlflowStore(place, runs.map(mlflowRunOf));
    process.stderr.write(`${told}: MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri ${place}\n`);
  } else {
    const table = tableOf(runs, format === 'latex' ? 'telling' : 'all');
    const text = {
      latex: () => latexOf(table, new Labels(catalogue)),
      csv: () => csvOf(table),
      json: () => json(table),
    };
    process.stdout.write(text[format as keyof typeof text]());
  }
  return 0;
}

function requireFormat(format: string, place: string | undefined, more: readonly string[]): void {
  if (![...places, ...texts].includes(format))
    throw new UserError(`unknown format: ${format} ${hintFor(format)}`);
  if (places.includes(format) && place === undefined)
    throw new UserError(`missing place: --to ${format} needs one, such as --to ${format} DIR`);
  if (places.includes(format) && place!.includes('://') && !(format === 'mlflow' && isServer(place!)))
    throw new UserError(
      `invalid place: ${place} (expected a folder${format === 'mlflow' ? ', or http://... or https://...' : ''})`,
    );
  const spare = places.includes(format) ? more : [place, ...more].filter((word) => word !== undefined);
  if (spare.length > 0)
    throw new UserError(`invalid --to ${format}: ${spare.join(' ')} is too much (paths come before --to)`);
}

/** Whether it is the URL of one. */
function isServer(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function hintFor(format: string): string {
  const near = nearest(format, [...places, ...texts]);
  return near === undefined ? `(use ${[...places, ...texts].join(', ')})` : `(did you mean ${near}?)`;
}
