import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';

/** What the command makes of its options, without doing anything. */
function optionsOf(name: string, ...args: string[]): Record<string, unknown> {
  const program = createProgram();
  const command = find(program, name);
  command.action(() => {});
  program.parse([...name.split(' '), ...args], { from: 'user' });
  return command.opts();
}

function find(program: Command, name: string): Command {
  return program.commands.find((command) => command.name() === name)!;
}

const words = ['-o', '--out', '--output'];

describe('where something is written', () => {
  test.each([
    ['run', 'out', 'x.yaml'],
    ['sweep', 'out', 'x.yaml'],
    ['reproduce', 'out', 'figure-a'],
    ['check', 'out', 'results'],
    ['plot', 'output', 'results'],
    ['report', 'output', 'results'],
  ])('%s takes every word for it, and shows one', (name, key, argument) => {
    for (const word of words)
      expect(optionsOf(name, argument, word, 'place')).toMatchObject({ [key]: 'place' });
    expect(optionsOf(name, argument, '--out=place')).toEqual(optionsOf(name, argument, '--output=place'));
    const help = find(createProgram(), name).helpInformation();
    expect(help.match(/^ .*--out(put)? /gm)).toHaveLength(1);
  });

  test('no command has the one word without the other', () => {
    for (const command of createProgram().commands) {
      const known = command.options.map(({ long }) => long);
      expect(known.includes('--out'), command.name()).toBe(known.includes('--output'));
    }
  });

  test('the default stays, and so does what must be given', () => {
    expect(optionsOf('run', 'x.yaml')).toMatchObject({ out: 'results' });
    expect(() => optionsOf('plot', 'results')).toThrow(/required option '-o, --output <file>'/);
  });
});
