import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textWidth } from '../../src/report/font.js';
import { wrapText } from '../../src/report/wrap.js';

test.each([
  ['sign-flip', ['sign-flip']],
  ['sign-flip, λ = 0.4, Byzantine workers = 4', ['sign-flip, λ = 0.4,', 'Byzantine workers = 4']],
  ['no comma in what is rather long', ['no comma in what is', 'rather long']],
  ['points-of-a-measurement-2024.csv', ['points-of-a-', 'measurement-2024.csv']],
])('%s', (text, lines) => {
  expect(wrapText(text, 112)).toEqual(lines);
});

test('no line is too wide, and nothing is lost', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'W', 'i', ' ', '-', ',', '.', 'λ'),
    minLength: 1,
    maxLength: 80,
  });
  fc.assert(
    fc.property(text, (written) => {
      const lines = wrapText(written, 60);
      for (const line of lines) expect(textWidth(line, 10)).toBeLessThanOrEqual(60);
      expect(lines.join('').replaceAll(' ', '')).toBe(written.replaceAll(' ', ''));
    }),
  );
});
