import { UserError } from '../base/errors.js';

/** One thing wrong: in the file, where line and column count from 1, or in an override. */
export type Problem = { message: string } & ({ line: number; column: number } | { override: string });

/** More problems than anyone reads at once. */
const problemsShown = 100;
/** Characters of an override that are shown. */
const overrideShown = 200;

/**
 * Everything that is wrong with a config, a line each: the file's problems from top to bottom, then the overrides'. Of
 * very many the first.
 */
export class ConfigError extends UserError {
  readonly problems: readonly Problem[];

  /** @param words of the command line */
  constructor(file: string, problems: readonly Problem[], words: readonly string[] = []) {
    const sorted = inOrder(problems, words);
    const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`;
    const lines = sorted
      .slice(0, problemsShown)
      .map((problem) => `  ${placeOf(problem, file)}: ${problem.message}`);
    if (sorted.length > problemsShown)
      lines.push(`  and ${(sorted.length - problemsShown).toLocaleString('en')} more`);
    super([`invalid config: ${file} has ${count}`, ...lines].join('\n'));
    this.problems = sorted;
  }
}

function placeOf(problem: Problem, file: string): string {
  if (!('override' in problem)) return `${file}:${problem.line}:${problem.column}`;
  const { override } = problem;
  return `command line: ${override.length > overrideShown ? `${override.slice(0, overrideShown)}...` : override}`;
}

/** The file's from top to bottom, then those of the command line in the order of its words. */
function inOrder(problems: readonly Problem[], words: readonly string[]): Problem[] {
  const word = (problem: Problem) => ('override' in problem ? words.indexOf(problem.override) : -Infinity);
  return problems.toSorted((a, b) => {
    if ('override' in a || 'override' in b) return word(a) === word(b) ? 0 : word(a) - word(b);
    return a.line - b.line || a.column - b.column;
  });
}
