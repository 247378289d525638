import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/** The rooms of src/, each of which may import those before it; the last line may import all others and nobody does. */
const rooms =
  'base data models compute aggregators attacks optimizers simulation modules results thresholds config study export report sweep check run library'.split(
    ' ',
  );
/** Beside each other: only the command line, which is last, imports them. */
const beside = ['robustness', 'properties', 'bench', 'doctor', 'setup'];
const order = [...rooms, ...beside, 'cli'];

const src = resolve(import.meta.dirname, '../src');

interface Import {
  /** Paths below src/. */
  from: string;
  to: string;
}

/** Every import of one file of src/ by another: of types, of values, in `import()` and as the URL of a module. */
const imports: Import[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.includes('assembly'))
  .flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8');
    const named = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
    const urls = [...text.matchAll(/new URL\('(\.[^']*\.js)'/g)].map(([, url]) => url);
    return [...named, ...urls]
      .filter((name) => name.startsWith('.'))
      .map((name) => ({
        from: file,
        to: relative(src, resolve(src, dirname(file), name)).replace(/\.js$/, '.ts'),
      }))
      .filter(({ to }) => !to.startsWith('..'));
  });

const roomOf = (file: string) => file.split('/')[0];
const arrows = new Set(
  imports
    .map(({ from, to }) => `${roomOf(from)} ${roomOf(to)}`)
    .filter((arrow) => arrow.split(' ')[0] !== arrow.split(' ')[1]),
);

describe('the rooms of src/', () => {
  test('are those of the order, and nothing lies beside them', () => {
    const found = readdirSync(src, { withFileTypes: true });
    expect(found.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual([]);
    expect(order).toEqual(expect.arrayContaining(found.map(({ name }) => name)));
  });

  test('import only those before them, types included', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [a, b] = [roomOf(from), roomOf(to)];
      if (a === b) return false;
      return order.indexOf(b) > order.indexOf(a) || (beside.includes(b) && a !== 'cli');
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('are as docs/architecture.md draws them', () => {
    const text = readFileSync(join(src, '../docs/architecture.md'), 'utf8');
    expect(text).toContain(drawing());
  });
});

test('no two files import each other, by whatever way round', () => {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const walk = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const to of next.get(file) ?? []) {
      const circle = walk(to, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  const circles = [...next.keys()].map((file) => walk(file, [])).filter((circle) => circle !== undefined);
  expect(new Set(circles.map((circle) => circle.join(' -> ')))).toEqual(new Set());
});

/** A row per room with a mark under each room that it imports: all marks are to the left of the diagonal. */
function drawing(): string {
  const present = order.filter((room) => [...arrows].some((arrow) => arrow.split(' ').includes(room)));
  const width = Math.max(...present.map(({ length }) => length));
  const mark = (row: string, column: string) =>
    row === column ? '\\' : arrows.has(`${row} ${column}`) ? '●' : ' ';
  const number = (k: number) => String(k + 1).padStart(3);
  return present
    .map(
      (row, k) =>
        `${number(k)}  ${row.padEnd(width)}${present
          .slice(0, k + 1)
          .map((column) => `  ${mark(row, column)}`)
          .join('')}`,
    )
    .concat(' '.repeat(width + 5) + present.map((_, k) => number(k)).join(''))
    .join('\n');
}
