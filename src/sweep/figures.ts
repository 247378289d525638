import { show } from '../base/describe.js';
import { isMapping, valueOf, type Mapping } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';
import { choiceNames, kinds, targetProblemOf, type FigureChoices } from '../report/choices.js';
import type { Column } from '../simulation/columns.js';
import type { SweepIssue } from './assignment.js';

/** A figure of a study. */
export interface StudyFigure {
  /** Of its file, without `.svg`. */
  name: string;
  choices: FigureChoices;
  /** Which runs it shows, as in thresholds; absent: all. */
  where?: Mapping;
}

/**
 * Reads `figures` of a sweep file; without it there is one, curves. What is wrong is left out and reported.
 * @param columns those of any run
 */
export function readFigures(
  raw: Mapping,
  columns: readonly Column[],
): { figures: StudyFigure[]; issues: SweepIssue[] } {
  const given = valueOf(raw, 'figures');
  if (given === undefined) return { figures: [{ name: 'figure', choices: {} }], issues: [] };
  const wrong = (path: string[], message: string, atKey = false) => ({
    figures: [],
    issues: [{ message, origin: { path: ['figures', ...path] }, atKey }],
  });
  if (!isMapping(given))
    return wrong([], `invalid figures: ${show(given)} (expected figures by name, {figure: {kind: heatmap}})`);
  const read = Object.entries(given).map(([name, figure]) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name))
      return wrong([name], `invalid figure: ${show(name)} (expected letters, digits, "_" and "-")`, true);
    if (!isMapping(figure))
      return wrong([name], `invalid ${name}: ${show(figure)} (expected choices, such as {kind: heatmap})`);
    const { where, ...choices } = figure;
    const unknown = Object.keys(choices).find((key) => !choiceNames.some((known) => known === key));
    if (unknown !== undefined)
      return wrong(
        [name, unknown],
        `unknown choice: ${unknown} (${hint(unknown, [...choiceNames, 'where'])})`,
        true,
      );
    const kind = valueOf(choices, 'kind') ?? kinds[0];
    if (!kinds.some((known) => known === kind))
      return wrong([name, 'kind'], `unknown kind: ${show(kind)} (${hint(show(kind), kinds)})`);
    if (where !== undefined && !isMapping(where))
      return wrong([name, 'where'], `invalid where: ${show(where)} (expected keys and their values)`);
    const problem = targetProblemOf(String(valueOf(choices, 'y')), columns);
    if (problem !== undefined) return wrong([name, 'y'], problem);
    const written = Object.entries(choices).map(([key, value]) => [key, String(value)]);
    const read: StudyFigure = { name, choices: Object.fromEntries(written) as FigureChoices, where };
    return { figures: [read], issues: [] };
  });
  return {
    figures: read.flatMap(({ figures }) => figures),
    issues: read.flatMap(({ issues }) => issues),
  };
}

function hint(word: string, known: readonly string[]): string {
  const guess = nearest(word, known);
  return guess ? `did you mean ${guess}?` : `choose from ${known.join(', ')}`;
}
