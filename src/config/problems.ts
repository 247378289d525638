import { UserError } from '../errors.js';

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

  constructor(file: string, problems: readonly Problem[]) {
    const sorted = inOrder(problems);
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

/** Overrides keep the order in which they come. */
function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => {
    if ('override' in a || 'override' in b) return Number('override' in a) - Number('override' in b);
    return a.line - b.line || a.column - b.column;
  });
}
