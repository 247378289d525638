import { differenceCiede2000, wcagContrast } from 'culori';
import { describe, expect, test } from 'vitest';
import { assignColours, labelPalette, palette } from '../../src/report/colours.js';
import { darkTheme } from '../../src/report/theme.js';
import { axis } from '../../src/config/axes.js';
import { eyes, nearestPair } from '../support/colour-vision.js';
import { labels } from '../support/labels.js';

const rules = [
  ['cwmed', 'geometric-median', 'mean', 'trimmed-mean', 'krum', 'centered-clipping', 'mda'],
  ['mean-around-median', 'multi-krum', 'bulyan', 'caf', 'monna', 'smea'],
].flat();

const pages = [
  { page: 'white', background: '#ffffff', colours: palette.map(({ light }) => light), apart: 29 },
  { page: 'dark', background: darkTheme.background, colours: palette.map(({ dark }) => dark), apart: 25 },
];

test('distances are those of CIEDE2000', () => {
  // The first pair of Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula", 2005, table 1.
  const lab = (l: number, a: number, b: number) => ({ mode: 'lab65' as const, l, a, b });
  expect(differenceCiede2000()(lab(50, 2.6772, -79.7751), lab(50, 0, -82.7485))).toBeCloseTo(2.0425, 3);
});

describe.each(pages)('on a $page page', ({ background, colours, apart }) => {
  test.each(Object.entries(eyes))('no two colours are near: %s', (name, eye) => {
    const { pair, distance } = nearestPair(eye, colours);
    expect(distance, pair.join(' ')).toBeGreaterThan(name === 'all cones' ? apart : 12);
  });

  test('every colour stands out from the page', () => {
    for (const colour of colours) expect(wcagContrast(colour, background), colour).toBeGreaterThanOrEqual(3);
  });
});

test.each(['light', 'dark'] as const)('labels beside each other in a stack are told apart, %s', (page) => {
  const colours = labelPalette.map((paint) => paint[page]);
  for (const [name, eye] of Object.entries(eyes))
    for (const [k, colour] of colours.slice(1).entries()) {
      const { pair, distance } = nearestPair(eye, [colours[k], colour]);
      expect(distance, `${name}: ${pair.join(' ')}`).toBeGreaterThan(name === 'all cones' ? 25 : 12);
    }
});

describe('in a figure', () => {
  test('any eight rules have eight colours, and keep their own where those are not taken', () => {
    const own = new Map(rules.map((rule) => [rule, assignColours(axis.rule, [rule], labels)[0]]));
    for (const subset of subsets(rules, palette.length)) {
      const colours = assignColours(axis.rule, subset, labels);
      expect(new Set(colours).size, subset.join()).toBe(subset.length);
      const wanted = subset.map((rule) => own.get(rule)!);
      for (const [k, colour] of wanted.entries())
        if (wanted.indexOf(colour) === wanted.lastIndexOf(colour))
          expect(colours[k], `${subset[k]} of ${subset.join()}`).toBe(colour);
    }
  });

  test('the order of rules does not change their colours', () => {
    const subset = ['krum', 'bulyan', 'caf', 'geometric-median', 'mean'];
    const colours = (list: string[]) =>
      Object.fromEntries(assignColours(axis.rule, list, labels).map((colour, k) => [list[k], colour]));
    expect(colours(['geometric-median', 'krum', 'mean', 'bulyan', 'caf'])).toEqual(colours(subset));
  });

  test('rules of the user, and values of other axes, take colours in order', () => {
    expect(assignColours(axis.rule, ['mine', 'cwmed', 'yours', 'mean'], labels)).toEqual([1, 0, 3, 2]);
    expect(assignColours('workers', [9, 17, 33], labels)).toEqual([0, 1, 2]);
    expect(assignColours(axis.optimizer, ['momentum', 'momentum', 'mu2-sgd'], labels)).toEqual([1, 2, 0]);
  });

  test('colours come again evenly when there are more values', () => {
    const uses = palette.map(() => 0);
    for (const colour of assignColours(axis.rule, rules, labels)) uses[colour]++;
    expect(uses.toSorted()).toEqual([1, 1, 1, 2, 2, 2, 2, 2]);
  });
});

/** All subsets of at most so many, in order. */
function subsets<T>(items: readonly T[], most: number): T[][] {
  const all: T[][] = [[]];
  for (const item of items)
    for (const subset of all.slice()) if (subset.length < most) all.push([...subset, item]);
  return all.slice(1);
}
