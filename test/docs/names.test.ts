import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { lists } from '../../src/config/lists.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { readPage } from './examples.js';

const readme = readPage('README.md');

describe('the README', () => {
  const [, section] = /^## Rules and attacks\n(.*?)^##/ms.exec(readme)!;
  /** First column of the table: `cwmed`, meta `ctma`, attack `little`. */
  const rows = [...section.matchAll(/^\| ((?:meta |attack )?`[\w+-]+`) /gm)].map(([, name]) => name);

  test('has a line for each rule and attack', () => {
    const [rules, oneByOne, metas] = lists.aggregators(builtins);
    const [attacks] = lists.attacks(builtins);
    const known = [
      ...[...rules.entries, ...oneByOne.entries].map(({ name }) => `\`${name}\``),
      ...metas.entries.map(({ name }) => `meta \`${name}\``),
      ...attacks.entries.filter(({ name }) => name !== 'none').map(({ name }) => `attack \`${name}\``),
    ];
    expect(rows).toEqual(known);
  });
});

test('CITATION.cff is about this version, and about the papers of the README', () => {
  const citation = parse(readPage('CITATION.cff')) as { version: string; references: { title: string }[] };
  const { version } = JSON.parse(readPage('package.json')) as { version: string };
  expect(citation.version).toBe(version);
  for (const { title } of citation.references)
    expect(readme.replaceAll(/\s+/g, ' ')).toContain(`**${title}.**`);
});
