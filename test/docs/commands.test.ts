import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommanderError, type Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../src/cli/program.js';
import { aggregate } from '../../src/cli/requests/aggregate.js';
import { loadConfig } from '../../src/sweep/load.js';
import type { Mapping } from '../../src/base/mapping.js';
import { parseThresholds } from '../../src/thresholds/thresholds.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { loadSweep } from '../../src/sweep/load.js';
import { inProcess } from '../support/cli.js';
import { shellCommands } from '../support/shell.js';
import {
  configs,
  examplesOfConfig,
  examplesOfHelp,
  examplesOfPage,
  helpPages,
  pages,
  readPage,
  type Example,
} from './examples.js';
import { columns } from '../support/labels.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isHere = (path: string) => existsSync(new URL(path, new URL('../../', import.meta.url)));

const examples = [
  ...pages.flatMap(examplesOfPage),
  ...configs.flatMap(examplesOfConfig),
  ...examplesOfHelp(),
];
const [byzsim, others] = [true, false].map((own) =>
  examples
    .filter(({ words }) => (words[0] === 'byzsim') === own)
    .map((example) => [`${example.source}: ${example.words.join(' ')}`, example] as const),
);

/** Names that stand for a user's own: FILE, FOLDER/config.yaml, my-study.yaml. */
const isPlaceholder = (path: string) => /^[A-Z]+(\/|$)/.test(path) || path.startsWith('my-');

interface Parsed {
  name: string;
  args: string[];
  options: Mapping;
}

/** A command line as the program reads it, without doing it. */
async function read(words: readonly string[]): Promise<Parsed> {
  const program = createProgram();
  let parsed: Parsed | undefined;
  const silence = (command: Command): void => {
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    if (command.commands.length === 0)
      command.action(() => {
        parsed = { name: command.name(), args: command.args, options: command.opts() };
      });
    command.commands.forEach(silence);
  };
  silence(program);
  await program.parseAsync(words, { from: 'user' });
  return parsed!;
}

/** Nothing for a command that is only named in a sentence: `byzsim run`. */
async function readExample({ words, mention }: Example): Promise<Parsed | undefined> {
  try {
    return await read(words.slice(1));
  } catch (error) {
    const lacks =
      error instanceof CommanderError && /missingArgument|missingMandatory|\.help$/.test(error.code);
    if (mention && lacks) return undefined;
    throw error;
  }
}

type Load = (file: string, overrides: string[]) => Promise<unknown>;

const one: Load = (file, overrides) => loadConfig(file, overrides, builtins);
const many: Load = (file, overrides) => loadSweep(file, overrides, builtins, { out: 'results' });

async function checkConfig(file: string, overrides: string[], load: Load) {
  if (isPlaceholder(file)) return;
  expect(isHere(file), file).toBe(true);
  await load(`${root}${file}`, overrides);
}

/** Of commands that read configs: that the config is there and takes the overrides. Of those that read results: them. */
async function checkMeaning({ name, args, options }: Parsed): Promise<void> {
  const [first, ...rest] = args;
  const published = args.filter((word) => word.startsWith('results/paper'));
  for (const path of published) expect(isHere(path), path).toBe(true);
  switch (name) {
    case 'run':
      return checkConfig(first, rest, one);
    case 'sweep':
    case 'validate':
      return checkConfig(first, rest, many);
    case 'reproduce':
      expect(
        await inProcess(['reproduce', ...args, '--dataset', String(options.dataset), '-n'], root),
      ).toMatchObject({
        status: 0,
      });
      return;
    case 'check': {
      if (options.config !== undefined) await checkConfig(options.config as string, [], many);
      for (const threshold of (options.threshold as string[] | undefined) ?? []) {
        const against = options.against === undefined ? {} : { against: { key: 'value' } };
        expect(parseThresholds({ ...against, ...(parse(threshold) as Mapping) }, columns).issues).toEqual([]);
      }
      return;
    }
    case 'plot': {
      const known = [
        ...helpPages()
          .find(({ source }) => source === 'plot --help')!
          .text.matchAll(/^ {2}(\w+)=/gm),
      ];
      const choices = args.flatMap((word) => /^(\w+)=/.exec(word)?.[1] ?? []);
      expect(known.map(([, choice]) => choice)).toEqual(expect.arrayContaining(choices));
      return;
    }
  }
}

describe('a command that users are shown', () => {
  test.each(byzsim)('%s', async (_, example) => {
    const parsed = await readExample(example);
    // The worked example adds a rule that is not there yet.
    if (parsed && example.source !== 'CONTRIBUTING.md') await checkMeaning(parsed);
  });

  // Results that are in the repository can be asked: thresholds may be missed, but have to be told.
  const onResults = byzsim.filter(
    ([, { words }]) =>
      ['check', 'compare'].includes(words[1]) &&
      words.some((word) => word.startsWith('results/paper')) &&
      words.every((word) => !word.startsWith('results/') || isHere(word)),
  );
  test.each(onResults)('%s: works', async (_, { words }) => {
    const { status, stderr } = await inProcess(words.slice(1), root);
    expect([0, 1], stderr).toContain(status);
  });

  test.each(others)('%s: there is such a thing', (_, { words: [program, ...rest] }) => {
    const scripts = (JSON.parse(readPage('package.json')) as { scripts: Record<string, string> }).scripts;
    const paths = [program, ...rest].filter((word) => /^(scripts|test|bin|configs)\//.test(word));
    for (const path of paths) expect(isHere(path), path).toBe(true);
    if (program === 'npm' && rest[0] === 'run') expect(Object.keys(scripts)).toContain(rest[1]);
    else if (program === 'echo') expect(() => JSON.parse(rest[0]) as unknown).not.toThrow();
    else if (paths.length === 0)
      expect(['npm', 'git', 'cd', 'apt-get', 'export', 'vitest', 'python3', 'node']).toContain(program);
  });
});

describe('what the README shows behind a prompt', () => {
  const blocks = [...readPage('README.md').matchAll(/^```sh\n\$ (.*?)^```/gms)].map(([, block]) =>
    block.replaceAll(/\\\n\s*/g, ' '),
  );
  test.each(blocks)('%s', async (block) => {
    const [line, ...printed] = block.trimEnd().split('\n');
    const [[program, ...words], then] = shellCommands(line);
    if (then?.[2] === 'aggregate')
      expect([aggregate(JSON.parse(words[0]) as Mapping, builtins)]).toEqual(printed);
    else {
      expect(program).toBe('npx');
      const { stdout } = await inProcess(words.slice(1), root);
      expect(stdout.trimEnd().split('\n')).toEqual(printed);
    }
  });
});

test.each([...[...pages, ...configs].map((source) => ({ source, text: readPage(source) })), ...helpPages()])(
  '$source quotes overrides that a shell would take apart',
  ({ text }) => {
    const bare = [...text.matchAll(/(?:^|[^'"\w.])([\w.]+=(?:[[{]|\w+\().*)/gm)].map(([, rest]) => rest);
    expect(bare).toEqual([]);
  },
);
