import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { palette } from '../../src/report/colours.js';
import { assignStrokes, mostStrokes } from '../../src/report/strokes.js';
import { axis } from '../../src/config/axes.js';
import { labels } from '../support/labels.js';

const looks = (strokes: ReturnType<typeof assignStrokes>) =>
  strokes.map(({ colour, dash }) => `${colour} ${dash.join()}`);

const rules = Array.from({ length: 30 }, (_, k) => ['cwmed', 'krum', 'caf', 'bulyan'][k] ?? `rule-${k}`);

describe('lines of a figure', () => {
  test('no two look alike, and symbols differ as lines do', () => {
    const line = fc.record({ value: fc.constantFrom(...rules), variant: fc.nat(9) });
    const lines = fc.uniqueArray(line, {
      maxLength: mostStrokes,
      selector: ({ value, variant }) => `${value} ${variant}`,
    });
    fc.assert(
      fc.property(lines, (these) => {
        const strokes = assignStrokes(axis.rule, these, labels);
        expect(new Set(looks(strokes)).size).toBe(these.length);
        expect(new Set(strokes.map(({ colour, shape }) => `${colour} ${shape}`)).size).toBe(these.length);
      }),
    );
  });

  test('more lines than can look different are drawn all the same', () => {
    const lines = Array.from({ length: mostStrokes + 5 }, (_, k) => ({ value: k, variant: 0 }));
    const strokes = assignStrokes('workers', lines, labels);
    expect(strokes).toHaveLength(mostStrokes + 5);
    expect(new Set(looks(strokes)).size).toBe(mostStrokes);
  });

  test('variants that several values have are told by dashes', () => {
    const lines = ['cwmed', 'geometric-median'].flatMap((value) =>
      [0, 1].map((variant) => ({ value, variant })),
    );
    const [a, b, c, d] = assignStrokes(axis.rule, lines, labels);
    expect([a.colour, b.colour, c.colour, d.colour]).toEqual(
      [0, 0, 1, 1].map((colour) => palette[colour].light),
    );
    expect([a.dash, c.dash]).toEqual([[], []]);
    expect(b.dash).toEqual(d.dash);
    expect(b.dash).not.toEqual([]);
  });

  test('variants of one value, or of its own, have colours of their own', () => {
    const single = assignStrokes(
      axis.rule,
      [0, 1, 2].map((variant) => ({ value: 'krum', variant })),
      labels,
    );
    expect(new Set(single.map(({ colour }) => colour)).size).toBe(3);
    const lines = ['momentum', 'momentum', 'mu2-sgd', 'sgd'].map((value, variant) => ({ value, variant }));
    expect(new Set(assignStrokes(axis.optimizer, lines, labels).map(({ colour }) => colour)).size).toBe(4);
  });

  test('six lines or fewer have six dashes: they can be told apart in grey print', () => {
    const lines = ['cwmed', 'mda', 'mean-around-median', 'krum', 'mean', 'caf'].map((value) => ({
      value,
      variant: 0,
    }));
    const dashes = assignStrokes(axis.rule, lines, labels).map(({ dash }) => dash.join());
    expect(new Set(dashes).size).toBe(6);
  });

  test('a rule that has to share a colour gives way to the one whose colour it is', () => {
    const all = [
      'bulyan',
      'caf',
      'centered-clipping',
      'cwmed',
      'geometric-median',
      'krum',
      'mda',
      'mean',
    ].concat(['mean-around-median', 'monna', 'multi-krum', 'smea', 'trimmed-mean']);
    const lines = all.flatMap((value) => [0, 1].map((variant) => ({ value, variant })));
    const strokes = assignStrokes(axis.rule, lines, labels);
    for (const rule of ['cwmed', 'geometric-median', 'mean', 'trimmed-mean']) {
      const [weighted, unweighted] = strokes.filter((_, k) => lines[k].value === rule);
      expect([rule, weighted.dash, unweighted.dash]).toEqual([rule, [], [4, 2]]);
    }
  });
});
