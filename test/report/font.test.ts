import { expect, test } from 'vitest';
import { textWidth } from '../../src/report/font.js';

test('letters are as wide as those of Helvetica', () => {
  // Widths in thousandths from Adobe's published metrics of Helvetica.
  const widths = { ' ': 278, '0': 556, A: 667, W: 944, i: 222, m: 833, '%': 889, '(': 333, é: 556 };
  for (const [letter, width] of Object.entries(widths)) {
    expect(Math.abs(textWidth(letter, 1000) - width), letter).toBeLessThan(1);
  }
  expect(textWidth('Wi', 10)).toBeCloseTo(11.66, 1);
});

test('a letter that the font lacks counts as a digit', () => {
  expect(textWidth('漢😀', 10)).toBe(textWidth('00', 10));
});
