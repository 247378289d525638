import { describe, expect, test } from 'vitest';
import { parseYaml, readYaml } from '../../src/config/yaml.js';

/** Each fault with its line and column. */
function faults(text: string): string[] {
  const parsed = parseYaml(text);
  if (!('faults' in parsed)) throw new Error(`it is read as ${JSON.stringify(parsed.value)}`);
  return parsed.faults.map(({ offset, message }) => {
    const before = text.slice(0, offset).split('\n');
    return `${before.length}:${before.at(-1)!.length + 1}: ${message}`;
  });
}

const tooDeep = 'nested too deeply (at most 32 levels)';

describe('read', () => {
  test.each([
    ['a: 1\nb: [x, 0x1F, 1e3, ~, true]', { a: 1, b: ['x', 31, 1000, null, true] }],
    [
      'a: &x [1, 2]\nb: *x\nc: [*x, *x]',
      {
        a: [1, 2],
        b: [1, 2],
        c: [
          [1, 2],
          [1, 2],
        ],
      },
    ],
    // YAML 1.2, whatever the document says: these were booleans, dates and numbers once.
    [
      '%YAML 1.1\n---\na: yes\nb: 2001-01-01\nc: 1_000\nd: 017',
      { a: 'yes', b: '2001-01-01', c: '1_000', d: 17 },
    ],
    ['"__proto__": {a: 1}\nconstructor: 2', JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}')],
    ['<<: {a: 1}', { '<<': { a: 1 } }],
    ['', null],
  ])('%j', (text, value) => {
    expect(readYaml(text)).toEqual(value);
  });
});

describe('refused, at its place', () => {
  test.each([
    ['a: 1\na: 2', '2:1: Map keys must be unique'],
    ['1: a\n"1": b', '2:1: Map keys must be unique'],
    ['a: 1\n[b, c]: 2', '2:1: invalid key (expected a name)'],
    ['a: 1\n: 2', /^2:\d: /],
    ['? {a: 1}\n: 2', '1:3: invalid key (expected a name)'],
    ['a: &x 1\n*x : 2', '2:1: invalid key (expected a name)'],
    ['a: *x', '1:4: unknown alias: *x, whose anchor must come before it'],
    ['a:\n - *x\nb: &x 1', '2:4: unknown alias: *x, whose anchor must come before it'],
    ['a: &x [1, *x]', '1:11: invalid alias: *x, which stands within its own anchor'],
    ['a: &x\n  b: {c: *x}', '2:10: invalid alias: *x, which stands within its own anchor'],
    ['a: !!set {b}', '1:4: unknown tag: !!set'],
    ['a: !!binary aGk=', '1:4: unknown tag: !!binary'],
    ['a: !!js/function x', '1:4: unknown tag: !!js/function'],
    ['a: 1\nb: !x y', '2:4: unknown tag: !x'],
    ['%FOO\n---\na: 1', '1:1: Unknown directive %FOO'],
    ['a: 1\n---\nb: 2', /multiple documents/],
    ['a: [1, 2', /^1:9: /],
    ['\ta: 1', /^1:1: /],
  ])('%j', (text, expected) => {
    const [first] = faults(text);
    if (expected instanceof RegExp) expect(first).toMatch(expected);
    else expect(first).toBe(expected);
  });

  test.each([
    ['lists', `${'['.repeat(33)}${']'.repeat(33)}`],
    ['mappings', `${'{a: '.repeat(33)}1${'}'.repeat(33)}`],
    ['lines', Array.from({ length: 33 }, (_, k) => `${' '.repeat(k)}a:`).join('\n')],
    ['more levels than the stack holds', `a: ${'['.repeat(100_000)}`],
    ['entries of entries', `${'- '.repeat(20_000)}1`],
    ['keys of keys', `${'? '.repeat(20_000)}1`],
    [
      'aliases of what is deep',
      `a: &a ${'['.repeat(20)}${']'.repeat(20)}\nb: ${'['.repeat(20)}*a${']'.repeat(20)}`,
    ],
  ])('nesting without end: %s', (_, text) => {
    expect(faults(text).some((fault) => fault.endsWith(tooDeep))).toBe(true);
  });

  test('32 levels are enough', () => {
    expect(() => readYaml(`${'['.repeat(32)}${']'.repeat(32)}`)).not.toThrow();
  });

  test('aliases that grow without end', () => {
    const levels = Array.from({ length: 12 }, (_, k) => `l${k + 1}: &l${k + 1} [${`*l${k}, `.repeat(9)}]`);
    expect(faults(`l0: &l0 [1]\n${levels.join('\n')}\n`)).toEqual([
      '1:1: too many aliases (they make more than 100 copies)',
    ]);
  });

  test('more values than can be read in a while, without reading them', () => {
    const text = `a: 1\nb: [${'1, '.repeat(1_000_000)}]\n`;
    const before = process.cpuUsage();
    expect(faults(text)).toEqual([expect.stringMatching(/^2:\d+: too many values: more than 250,000$/)]);
    const { user } = process.cpuUsage(before);
    expect(user / 1e6).toBeLessThan(3); // it takes 12 s to parse
    expect(faults(`${'- x\n'.repeat(250_001)}`)[0]).toMatch(/too many values/);
  });

  test('many keys are compared in no time', () => {
    const text = Array.from({ length: 20_000 }, (_, k) => `key${k}: 1\n`).join('');
    expect(Object.keys(readYaml(text) as object)).toHaveLength(20_000);
  });
});
