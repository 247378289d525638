import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.js';
import { shellCommands } from '../support/shell.js';

const root = new URL('../../', import.meta.url);

export const readPage = (path: string) => readFileSync(new URL(path, root), 'utf8');

const filesIn = (folder: string, ending: string) =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}${name}`);

export const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesIn('docs/', '.md')];
export const configs = ['configs/', 'configs/paper/', 'configs/ci/'].flatMap((folder) =>
  filesIn(folder, '.yaml'),
);

/** A command that is shown to users. */
export interface Example {
  /** Where: a page, a config, or the help of a command. */
  source: string;
  line: string;
  /** Its words, the program first. */
  words: readonly string[];
  /** Named within a sentence, where arguments may be missing. */
  mention: boolean;
}

/** What blocks and sentences of a page in Markdown tell to type. */
export function examplesOfPage(source: string): Example[] {
  const page = readPage(source);
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) => linesToType(block));
  const indented = [...page.matchAll(/^ {4}(byzsim .*)$/gm)].map(([, line]) => line);
  const mentions = [...page.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)]
    .map(([, code]) => code.replaceAll(/\s+/g, ' '))
    .filter((code) => /^((npx )?(byzsim|vitest)|npm run|node|scripts\/\S+) ./.test(code));
  return [
    ...[...blocks, ...indented].flatMap((line) => examples(source, line)),
    ...mentions.flatMap((line) => examples(source, line, true)),
  ];
}

/** The lines of a block, or those with a prompt where others are what a command prints. */
function linesToType(block: string): string[] {
  const lines = block.replaceAll(/\\\n\s*/g, ' ').split('\n');
  const prompted = lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
  return prompted.length > 0 ? prompted : lines;
}

/** Commands in the comments of a config. */
export function examplesOfConfig(source: string): Example[] {
  const lines = [...readPage(source).matchAll(/^#\s+(byzsim .*)$/gm)].map(([, line]) => line);
  return lines.flatMap((line) => examples(source, line));
}

/** The examples that --help shows, of all commands. */
export function examplesOfHelp(): Example[] {
  return helpPages().flatMap(({ source, text }) => {
    // A line that ends with a backslash goes on in the next one.
    const whole = text.replace(/ *\\\n */g, ' ');
    const lines = [...whole.matchAll(/^ {2}((?:[A-Z_]+=\S+ )?byzsim .*)$/gm)].map(([, line]) => line);
    return lines.flatMap((line) => examples(source, line));
  });
}

/** What --help prints, command by command. */
export function helpPages(): { source: string; text: string }[] {
  const page = (command: Command): { source: string; text: string }[] => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) });
    command.outputHelp();
    return [{ source: `${command.name()} --help`, text }, ...command.commands.flatMap(page)];
  };
  return page(createProgram());
}

function examples(source: string, line: string, mention = false): Example[] {
  const commands = shellCommands(line).map((words) => (words[0] === 'npx' ? words.slice(1) : words));
  return commands.map((words) => ({ source, line, words, mention }));
}
