import { dirname } from 'node:path';
import { UserError } from '../base/errors.js';
import type { Mapping } from '../base/mapping.js';
import { meets, readConditions, whyNone } from '../check/conditions.js';
import { describeFigure } from '../report/figure.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { Labels } from '../study/labels.js';
import { readStudy } from '../study/study.js';
import type { StudyRun } from '../study/study-run.js';
import { choiceNames, unknown, type FigureChoices } from '../report/choices.js';
import { makeFolder, writeWhole } from '../results/files.js';
import { assignments } from './assignments.js';
import { figureFormat, renderFigure } from './figure-file.js';

/** What `draw` shows of a study. */
export interface Drawing {
  choices: FigureChoices;
  /** Which runs, by their keys, as in thresholds; absent: all. */
  where?: Mapping;
  /** Which runs, of those; at least one. */
  only?: (run: StudyRun) => boolean;
}

/**
 * Draws the runs below some paths into a file and writes the numbers drawn beside it; prints both names.
 * @param words paths, and choices such as y=test_loss
 * @param where which of the runs: `attack=sign-flip`
 */
export async function plot(
  words: readonly string[],
  { output, where }: { output: string; where?: readonly string[] },
  catalogue: Catalogue,
): Promise<void> {
  const { paths, choices } = parseWords(words);
  if (paths.length === 0)
    throw new UserError('missing paths: name a folder of results, such as results/figure-a');
  await draw(paths, output, { choices, where: where && assignments(where) }, catalogue);
}

/** `plot` of what is known already. */
export async function draw(
  paths: readonly string[],
  output: string,
  { choices, where, only = () => true }: Drawing,
  catalogue: Catalogue,
): Promise<void> {
  const format = figureFormat(output);
  const { runs, notes } = readStudy(paths);
  tell(notes);
  const shown = pick(runs.filter(only), where);
  const { spec, summary, notes: figureNotes } = describeFigure(shown, choices, new Labels(catalogue));
  tell(figureNotes);

  const summaryFile = `${output.slice(0, -format.length)}.summary.csv`;
  makeFolder(dirname(output));
  writeWhole(output, await renderFigure(spec, format));
  writeWhole(summaryFile, summary);
  process.stdout.write(`${output}\n${summaryFile}\n`);
}

/** @throws UserError where none has these keys */
function pick(runs: readonly StudyRun[], where: Mapping | undefined): readonly StudyRun[] {
  if (where === undefined) return runs;
  const conditions = readConditions(where, runs);
  const picked = runs.filter((run) => meets(run, conditions));
  if (picked.length === 0) throw new UserError(`missing runs: ${whyNone(runs, conditions)}`);
  return picked;
}

function tell(notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`byzsim: ${note}\n`);
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
