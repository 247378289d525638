import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { Mapping } from '../../src/base/mapping.js';
import { byzsim } from '../support/cli.js';
import { folderWith, ofEveryKind } from '../modules/files.js';

const folder = folderWith({
  ...ofEveryKind,
  'forgets.js': `import { defineAggregator } from 'byzsim';
export default defineAggregator({
  name: 'forgets',
  summary: 'a mean that forgets weights',
  weighted: true,
  parameters: {},
  create: () => (messages) => messages.combine(new Array(messages.size).fill(1 / messages.size)),
});
`,
  'throws.js': `import { defineAggregator } from 'byzsim';
export default defineAggregator({
  name: 'throws',
  summary: 'nothing',
  weighted: false,
  parameters: {},
  create: () => () => { throw new RangeError('not today'); },
});
`,
});
afterAll(() => rmSync(folder, { recursive: true }));

const testRule = (...args: string[]) =>
  byzsim(['test-rule', ...args, '--quiet', '--cases', '30'], { cwd: folder });

interface Found {
  rule: string;
  weighted: boolean;
  properties: {
    name: string;
    verdict: string;
    reason?: string;
    counterExample?: { request: Mapping; result: number[]; expected: number[] };
  }[];
}

describe('byzsim test-rule', () => {
  test('prints a line a property, and 0 where all hold that apply', async () => {
    const { status, stdout, stderr } = await testRule('trimmed-mean');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^order +holds +messages in another order change nothing$/m);
    expect(stdout).toMatch(/^copies +does not apply +weights do not count$/m);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('shows the counter-example of a module, and 1', async () => {
    const { status, stdout } = await testRule('forgets.js');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^copies +does not hold /m);
    expect(stdout).toMatch(
      /\ncopies does not hold:\n {2}messages +\[0\.618\]\n +\[0\.889\]\n {2}weights +1, 2\n {2}f +0\n/,
    );
    // It is a mean, too.
    expect(stdout.match(/^.*does not hold:/gm)).toEqual(['copies does not hold:', 'outliers does not hold:']);
  });

  test('prints counter-examples as JSON: the rule does on them what is said', async () => {
    const { status, stdout } = await testRule('./forgets.js', '--json');
    const { rule, weighted, properties } = JSON.parse(stdout) as Found;
    expect({ status, rule, weighted }).toEqual({ status: 1, rule: 'forgets', weighted: true });
    const { request, result } = properties.find(({ name }) => name === 'copies')!.counterExample!;
    expect(request.aggregator).toEqual({ module: './forgets.js' });
    const answer = await byzsim(['aggregate'], { cwd: folder, input: JSON.stringify(request) });
    expect(JSON.parse(answer.stdout)).toEqual(result);
  });

  test('prints messages that are not finite as requests have them', async () => {
    const { stdout } = await testRule('bucketing', '--cases', '200', '--json');
    const { properties } = JSON.parse(stdout) as Found;
    const found = properties.find(({ name }) => name === 'not finite')!.counterExample!;
    expect(JSON.stringify(found.request.vectors)).toContain('null'); // as JSON.stringify writes 1e999
    const [, written] = /"name": "not finite"[^]*?"request": (\{[^]*?\n {8}\})/.exec(stdout)!;
    const input = written.replaceAll('\n', ' ');
    const answer = await byzsim(['aggregate'], { cwd: folder, input });
    expect({ status: answer.status, stderr: answer.stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('says where a rule throws', async () => {
    const { status, stdout } = await testRule('throws.js');
    expect(status).toBe(1);
    expect(stdout.match(/result +an error: \S*throws\.js:7:\d+: not today/g)).toHaveLength(1);
    expect(stdout).toMatch(/^finite does not hold, nor do \d+ others:$/m);
    expect(stdout).not.toContain(' holds ');
  });

  test('takes meta-aggregators, and parameters', async () => {
    expect((await testRule('meta.mjs')).stdout).toMatch(/^copies +holds /m);
    const clipping = await testRule('clipping', 'radius=1000');
    expect(clipping.stdout).toMatch(/^agreement +holds /m);
    const explicit = await testRule('median-of-means.js', 'groups=2', 'meta=[{module: meta.mjs}]', '--json');
    expect((JSON.parse(explicit.stdout) as Found).properties[0].verdict).toBe('holds');
  });

  test.each<[string[], RegExp]>([
    [['crum'], /^byzsim: unknown rule: crum \(did you mean krum\?\)\n$/],
    [['nmm'], /^byzsim: unknown rule: nmm \(did you mean nnm\?\)\n$/],
    [['missing.js'], /^byzsim: missing module: missing\.js\n$/],
    [['attack.ts'], /^byzsim: invalid module: attack\.ts defines growing, which is no rule/],
    [['clipping'], /^byzsim: missing radius/],
    [['krum', 'f=9'], /^byzsim: invalid krum: it takes no n <= 12 and f < n \/ 2/],
    [['cwmed', 'tie=left'], /^byzsim: invalid tie: left/],
    [['cwmed', '--tolerance', '0'], /It must be a number in \(0, 1\)/],
  ])('refuses %j', async (args, message) => {
    const { status, stdout, stderr } = await testRule(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
