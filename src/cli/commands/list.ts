import type { Command } from 'commander';
import type { Section } from '../../config/lists.js';

const kinds = [
  'aggregators',
  'attacks',
  'models',
  'datasets',
  'splits',
  'modes',
  'arrivals',
  'optimizers',
] as const;

interface ListFlags {
  json?: boolean;
  with?: string[];
}

/** `byzsim list`. */
export function registerList(program: Command): void {
  program
    .command('list')
    .description('show what a config can name: parameters, their defaults and legal values')
    .argument('[what]', `one of ${kinds.join(', ')}, or a name; without it, every name`)
    .option('--json', 'print it as JSON')
    .option('--with <files...>', 'with what these modules of yours define')
    .addHelpText(
      'after',
      `
Examples:
  byzsim list aggregators
  byzsim list krum`,
    )
    .action(async (what: string | undefined, { json, with: modules = [] }: ListFlags) => {
      const { lists, sectionsNaming } = await import('../../config/lists.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      const { catalogueWith } = await import('../../config/modules.js');
      const catalogue = await catalogueWith(modules, builtins);
      const kind = kinds.find((each) => each === what);
      const all = (kind ? [kind] : kinds).flatMap((each): Section[] => lists[each](catalogue));
      const sections = kind || what === undefined ? all : sectionsNaming(what, all, kinds);
      if (json) process.stdout.write(`${JSON.stringify(sections, undefined, 2)}\n`);
      else process.stdout.write(what === undefined ? formatNames(sections) : formatSections(sections));
    });
}

/** Lines are no longer than this, so that a table fits any terminal. */
const width = 80;
const gap = 2;

/** A title and its names each. */
function formatNames(sections: readonly Section[]): string {
  const indent = ' '.repeat(gap);
  return sections
    .map(({ title, entries }) => {
      const names = wrap(entries.map(({ name }) => name).join(', '), width - gap);
      return `${title}\n${names.map((line) => `${indent}${line}\n`).join('')}`;
    })
    .join('\n');
}

/** Two columns: names and parameters with their defaults; what they are, and where an entry comes from. */
export function formatSections(sections: readonly Section[]): string {
  const rows = sections.map(({ title, entries }) => ({
    title,
    rows: entries.flatMap(({ name, summary, source, parameters }) => [
      [name, summary],
      ...(source === undefined ? [] : [['', `[${source}]`]]),
      ...parameters.map((parameter) => [
        `  ${parameter.name}${assigned(parameter.default)}`,
        [parameter.legal, parameter.description].filter(Boolean).join('; '),
      ]),
    ]),
  }));
  const left = Math.max(...rows.flatMap((section) => section.rows.map(([name]) => name.length))) + gap;
  return rows
    .map(({ title, rows }) => `${title}\n\n${rows.map(([name, text]) => row(name, text, left)).join('')}`)
    .join('\n');
}

function assigned(value: unknown): string {
  if (value === undefined) return '';
  return ` = ${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

function row(name: string, text: string, left: number): string {
  const [first, ...rest] = wrap(text, width - left);
  return [name.padEnd(left) + first, ...rest.map((line) => ' '.repeat(left) + line)].join('\n') + '\n';
}

function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
