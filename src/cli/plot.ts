import { dirname, extname } from 'node:path';
import { UserError } from '../base/errors.js';
import { describeFigure, type Figure } from '../report/figure.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { Labels } from '../study/labels.js';
import { readStudy } from '../study/study.js';
import type { StudyRun } from '../study/study-run.js';
import { type FigureChoices, unknown } from '../report/choices.js';
import { makeFolder, writeWhole } from '../results/files.js';

const choiceNames = ['kind', 'x', 'y', 'colour', 'facet', 'ymin', 'ymax', 'sharey'] as const;
const formats = ['.svg', '.png', '.pdf'];

/**
 * Draws the runs below some paths into a file and writes the numbers drawn beside it; prints both names.
 * @param only which of the runs; at least one
 */
export async function plot(
  words: readonly string[],
  output: string,
  catalogue: Catalogue,
  only: (run: StudyRun) => boolean = () => true,
): Promise<void> {
  const format = extname(output).toLowerCase();
  if (!formats.includes(format)) {
    throw new UserError(`unknown format: ${format || output}; choose from ${formats.join(', ')}`);
  }
  const { paths, choices } = parseWords(words);
  if (paths.length === 0)
    throw new UserError('missing paths: name a folder of results, such as results/figure-a');
  const { runs, notes } = readStudy(paths);
  tell(notes);
  const {
    spec,
    summary,
    notes: figureNotes,
  } = describeFigure(runs.filter(only), choices, new Labels(catalogue));
  tell(figureNotes);

  const summaryFile = `${output.slice(0, -format.length)}.summary.csv`;
  makeFolder(dirname(output));
  writeWhole(output, await render(spec, format));
  writeWhole(summaryFile, summary);
  process.stdout.write(`${output}\n${summaryFile}\n`);
}

function tell(notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`byzsim: ${note}\n`);
}

async function render(spec: Figure['spec'], format: string): Promise<string | Buffer> {
  const { renderPdf, renderPng, renderSvg } = await import('../report/render.js');
  if (format === '.pdf') return renderPdf(spec);
  const svg = await renderSvg(spec);
  return format === '.png' ? renderPng(svg) : svg;
}

/** Tells `key=value` from paths: a path with an equals sign in its first part is written ./a=b. */
function parseWords(words: readonly string[]): { paths: string[]; choices: FigureChoices } {
  const paths: string[] = [];
  const choices: FigureChoices = {};
  for (const word of words) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(word) ?? [];
    if (name === undefined) paths.push(word);
    else choices[choiceName(name)] = value;
  }
  return { paths, choices };
}

function choiceName(name: string): keyof FigureChoices {
  const spelled = name === 'color' ? 'colour' : name;
  const known = choiceNames.find((choice) => choice === spelled);
  if (known === undefined) throw unknown('choice', name, choiceNames);
  return known;
}
