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

test('takes the word of every list', async () => {
  const { stderr } = await byzsim(['list', 'nothing']);
  const [, words] = /Allowed choices are (.*)\./.exec(stderr)!;
  expect(words.split(', ')).toEqual(kinds);
});

test('defaults and legal values stand beside a parameter', async () => {
  const { stdout } = await byzsim(['list', 'optimizers']);
  expect(stdout).toMatch(/^ {2}gamma = 0\.1 +number in \(0, 1\]; γ/m);
});

test('an unknown list is refused with the known ones', async () => {
  const { status, stderr } = await byzsim(['list', 'rules']);
  expect(stderr).toContain('aggregators');
  expect(status).toBe(2);
});
