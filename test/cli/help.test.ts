import { describe, expect, test } from 'vitest';
import { fillHelp } from '../../src/cli/help.js';
import { byzsim } from '../support/cli.js';

const { stdout: overview } = await byzsim(['--help']);
const commands = [...overview.matchAll(/^ {2}([\w-]+)(?= .* {2})/gm)].map(([, name]) => name);

describe('help', () => {
  test('names every command', () =>
    expect(commands).toEqual(expect.arrayContaining(['run', 'sweep', 'test-rule'])));

  test.each(['', ...commands])('fits 80 columns: %s', async (command) => {
    const { stdout } = await byzsim([...(command ? [command] : []), '--help']);
    const long = stdout.split('\n').filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });

  test('fills paragraphs, and goes on under the second column of a list', () => {
    const words = (count: number) => new Array(count).fill('words').join(' ');
    const command = `  byzsim ${words(20)}`;
    expect(fillHelp(`${words(15)}\n${words(2)}\n\n  key=value  ${words(13)}\n${command}`)).toBe(
      `${words(13)}\n${words(4)}\n\n  key=value  ${words(11)}\n${' '.repeat(13)}${words(2)}\n${command}`,
    );
  });
});
