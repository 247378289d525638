import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { byzsim } from '../support/cli.js';
import { folderWith, medianOfMeans } from './files.js';

const folder = folderWith({
  ...medianOfMeans,
  'c.yaml': `dataset: digits
model: logistic
workers: 5
optimizer: sgd
aggregator: {module: rule.js}
updates: 2
`,
});
afterAll(() => rmSync(folder, { recursive: true }));

const rule = (create: string, more = '') => `import { defineAggregator } from 'byzsim';

export default defineAggregator({
  name: 'mine', summary: 'mine', weighted: false, parameters: {}, ${more}
  create: () => ${create},
});
`;

const arrivalRule = (create: string, more = '') =>
  rule(create, more).replaceAll('defineAggregator', 'defineArrivalRule');

async function answer(command: string, source: string | undefined, name = 'rule.js', ...more: string[]) {
  if (source !== undefined) writeFileSync(join(folder, name), source);
  const { stderr, status } = await byzsim(
    [command, 'c.yaml', `aggregator={module: ${name}}`, ...more, ...(command === 'run' ? ['--quiet'] : [])],
    { cwd: folder },
  );
  expect(status).toBe(2);
  return stderr.replaceAll(`${folder}/`, '').trimEnd();
}

describe('validate says of a module', () => {
  test.each<[string, string, string]>([
    ['that throws', "throw new Error('no luck');\n", 'invalid module: rule.js:1:7: Error: no luck'],
    [
      'that ends the program',
      'process.exit(0);\n',
      'rule.js:1:9: Error: it ends the program, by process.exit(0)',
    ],
    [
      'that waits for ever',
      'await new Promise(() => {});\n',
      'invalid module: rule.js: Error: it waits for something that never happens (await)',
    ],
    [
      'that throws several lines, the first',
      "\nthrow new RangeError('no luck\\nat all');\n",
      'invalid module: rule.js:2:7: RangeError: no luck',
    ],
    [
      'of CommonJS',
      "const { defineAggregator } = require('byzsim');\n",
      "Error: Cannot find module 'byzsim' (write import { ... } from, in place of require)",
    ],
    [
      'with a fault of syntax',
      "import { z } from 'byzsim';\nexport default {{;\n",
      'invalid module: rule.js:2:17: ',
    ],
    [
      'that imports what byzsim has not',
      "import { defineRule } from 'byzsim';\nexport default defineRule;\n",
      "invalid module: rule.js:1: SyntaxError: The requested module 'byzsim' does not provide an export named 'defineRule'",
    ],
    [
      'that imports a file that is not there',
      "\nimport './nothing.js';\n",
      'invalid module: rule.js:2 imports ./nothing.js: nothing.js (there is no such file or folder)',
    ],
    [
      'that imports a package that is not installed',
      "import { z } from 'byzsim';\nimport { chunk } from '@no-one/lists/chunk';\nexport default chunk(z);\n",
      'invalid module: rule.js:2 imports @no-one/lists/chunk, a package that is not installed (npm install @no-one/lists, in its folder or one above)',
    ],
    [
      'without a default',
      'export const a = 1;\n',
      'invalid module: rule.js exports undefined as its default (expected what defineAggregator or defineArrivalRule returns)',
    ],
    [
      'of another kind',
      "import { defineClock } from 'byzsim';\nexport default defineClock({ name: 'mine' });\n",
      'invalid module: rule.js exports the definition of a clock as its default (expected what defineAggregator or defineArrivalRule returns)',
    ],
    [
      'with a name that byzsim has',
      rule('3').replace("'mine'", "'cwmed'"),
      'invalid module: rule.js defines the aggregator cwmed, which byzsim has (name it otherwise)',
    ],
    [
      'with no name for files',
      rule('3').replace("'mine'", "'My rule'"),
      'invalid module: rule.js: the aggregator has the name "My rule" (expected lower case letters, digits and hyphens, at most 64)',
    ],
    [
      'with parameters of no type',
      rule('3', 'parameters: { k: 3 },'),
      "the aggregator mine has a parameter k that is no zod type (import { z } from 'byzsim', then z.number() or another)",
    ],
    [
      'with a parameter whose name is taken',
      rule('3', 'parameters: { meta: 3 },'),
      'the aggregator mine has a parameter meta, which configs have for something else (rename it)',
    ],
    [
      'with something else where a function may stand',
      arrivalRule("() => 'kept'", 'clean: true,'),
      'invalid module: rule.js: the arrival rule mine has the clean true (expected a function)',
    ],
    [
      'that does not say whether it is weighted',
      rule('3').replace('weighted: false', 'a: 1'),
      'does not say whether it has a weighted form (weighted: true or false)',
    ],
  ])('%s', async (_, source, sentence) => {
    expect(await answer('validate', source)).toContain(sentence);
  });

  test('that is no name of a file, what it has to define', async () => {
    const { stderr } = await byzsim(['validate', 'c.yaml', 'aggregator.module=3', 'optimizer={module: 4}'], {
      cwd: folder,
    });
    expect(stderr).toContain('invalid module: 3 (expected a file that defines an aggregator)');
    expect(stderr).toContain('invalid module: 4 (expected a file that defines an optimizer)');
  });

  test('that is missing, where it was looked for', async () => {
    expect(await answer('validate', undefined, 'nowhere.js')).toContain(
      'missing module: nowhere.js (looked for nowhere.js)',
    );
  });

  test('of TypeScript that imports a type as if it were there', async () => {
    expect(await answer('validate', "import { Stack } from 'byzsim';\nlet a: Stack;\n", 'rule.ts')).toContain(
      "does not provide an export named 'Stack' (if it is a type: import { type ... })",
    );
  });

  test('of TypeScript with more than types', async () => {
    expect(await answer('validate', 'enum A { B }\n', 'rule.ts')).toContain(
      'invalid module: rule.ts:1:1: TypeScript enum is not supported in strip-only mode',
    );
  });

  test('whose parameters are wrong, as of any other rule', async () => {
    expect(await answer('validate', undefined, 'median-of-means.js', 'aggregator.group=3')).toContain(
      'unknown key: group (did you mean groups?)',
    );
    expect(await answer('validate', undefined, 'median-of-means.js', 'aggregator.groups=6')).toContain(
      'invalid median-of-means: groups = 6 needs groups <= n, but n = 5',
    );
  });
});

describe('run says where a rule', () => {
  test.each<[string, string, string]>([
    [
      'throws',
      rule('() => nothing()'),
      'byzsim: failed module: rule.js:5:23: ReferenceError: nothing is not defined',
    ],
    [
      'ends the program',
      rule('() => process.exit(0)'),
      'byzsim: the program ended before its command was done: a module has called process.exit(), or waits for what never comes',
    ],
    ['is none', rule('3'), 'byzsim: invalid module: rule.js:5:11: create returned 3 (expected a function)'],
    [
      'returns nothing',
      rule('() => undefined'),
      'byzsim: invalid module: rule.js:5:17: the rule returned undefined (expected a vector of 7850 numbers, such as messages.combine(...))',
    ],
    [
      'returns NaN',
      rule('(messages) => messages.combine([NaN, 0, 0, 0, 0])'),
      'byzsim: invalid module: rule.js:5:17: the rule returned numbers that are not finite (expected finite ones, as those that it was given)',
    ],
    [
      'returns all messages',
      rule('(messages) => messages'),
      'byzsim: invalid module: rule.js:5:17: the rule returned a stack of vectors (expected a vector of 7850 numbers, such as messages.combine(...))',
    ],
    [
      'of messages one by one returns neither a vector nor a word',
      arrivalRule('() => true'),
      "byzsim: invalid module: rule.js:5:17: the rule returned true (expected a vector of 7850 numbers, such as vectors.combine([1], [message]); or 'kept' or 'refused')",
    ],
    [
      'remembers what cannot be saved, at its first call',
      rule('(messages) => messages.combine([0, 0, 0, 0, (seen.value.last = messages).size])').replace(
        '() =>',
        "(_, { state }, seen = state.remember('seen', {})) =>",
      ),
      'byzsim: invalid module: rule.js:5:64: aggregator/seen remembers what cannot be saved: function 4() { [native code] } could not be cloned (expected numbers, text, lists, mappings, typed arrays)',
    ],
    [
      'of messages one by one asks for no inputs',
      arrivalRule("() => 'kept'", 'clean: () => ({ inputs: 0, every: 1 }),'),
      'byzsim: invalid module: rule.js:4:74: clean returned {inputs: 0, every: 1} (expected {inputs, every}, whole numbers from 1 on)',
    ],
  ])('%s', async (_, source, sentence) => {
    expect(await answer('run', source)).toBe(sentence);
  });

  test('a message as it came is what a rule may return', async () => {
    writeFileSync(join(folder, 'first.js'), rule('(messages) => messages.row(0)'));
    const { status, stderr } = await byzsim(['run', 'c.yaml', 'aggregator={module: first.js}', '--quiet'], {
      cwd: folder,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
