import { describe, expect, test } from 'vitest';
import { lists, type Section } from '../../src/config/lists.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { byzsim } from '../support/cli.js';

const kinds = Object.keys(lists) as (keyof typeof lists)[];

describe.each(kinds)('byzsim list %s', (kind) => {
  const sections: Section[] = lists[kind](builtins);

  test('shows every name and parameter in 80 columns', async () => {
    const { status, stdout } = await byzsim(['list', kind]);
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    for (const { entries } of sections) {
      for (const { name, parameters } of entries) {
        expect(
          lines.some((line) => line.startsWith(`${name} `)),
          name,
        ).toBe(true);
        for (const each of parameters) {
          expect(
            lines.some((line) => line.startsWith(`  ${each.name} `)),
            each.name,
          ).toBe(true);
        }
      }
    }
  });

  test('tells what each is, and each parameter', () => {
    for (const { entries } of sections) {
      expect(entries.length).toBeGreaterThan(0);
      for (const { name, summary, parameters } of entries) {
        expect(summary, name).toMatch(/\w/);
        for (const parameter of parameters) expect(parameter.description, parameter.name).toMatch(/\w/);
      }
    }
  });

  test('--json', async () => {
    const { stdout } = await byzsim(['list', kind, '--json']);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(sections)) as Section[]);
  });
});

test('without a kind, shows every name', async () => {
  const { status, stdout } = await byzsim(['list']);
  expect(status).toBe(0);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  const sections = kinds.flatMap((kind): Section[] => lists[kind](builtins));
  for (const { title, entries } of sections)
    expect(stdout.replace(/\n {2}/g, ' ')).toContain(
      `${title} ${entries.map(({ name }) => name).join(', ')}\n`,
    );
});

test('shows where a rule comes from', async () => {
  const { stdout } = await byzsim(['list', 'aggregators']);
  expect(stdout).toMatch(/^krum .*\n +\[Blanchard et al\., NeurIPS 2017/m);
});

test('help names every list', async () => {
  const { stdout } = await byzsim(['list', '--help']);
  expect(stdout.replace(/\n */g, ' ')).toContain(`one of ${kinds.join(', ')}, or a name`);
});

test('a name shows what is called so, alone', async () => {
  const { status, stdout } = await byzsim(['list', 'krum']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Rules \(aggregator\)\n\nkrum +the message/);
  expect(stdout.match(/^\S/gm)).toHaveLength(2);
});

test('a name of several kinds shows all of them', async () => {
  const { stdout } = await byzsim(['list', 'none', '--json']);
  const sections = JSON.parse(stdout) as Section[];
  expect(sections.map(({ title, entries }) => [title, entries.map(({ name }) => name)])).toEqual([
    ['Attacks (byzantine.attack)', ['none']],
    ['Attacks of servers (servers.attack)', ['none']],
  ]);
});

test('the word of the literature shows what it is called here', async () => {
  const { stdout } = await byzsim(['list', 'RFA']);
  expect(stdout).toMatch(/^geometric-median /m);
});

test('defaults and legal values stand beside a parameter', async () => {
  const { stdout } = await byzsim(['list', 'optimizers']);
  expect(stdout).toMatch(/^ {2}gamma = 0\.1 +number in \(0, 1\]; γ/m);
});

test.each([
  ['aggregator', 'did you mean aggregators?'],
  ['krun', 'did you mean krum?'],
  ['xyz', 'byzsim list shows every name'],
])('an unknown name is refused: %s', async (name, remedy) => {
  const { status, stderr } = await byzsim(['list', name]);
  expect(stderr).toBe(`byzsim: unknown name: ${name} (${remedy})\n`);
  expect(status).toBe(2);
});
