import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../src/report/font.js';
import { linearTicks, logTicks, spacedTicks } from '../../src/report/ticks.js';

describe('linear ticks', () => {
  test.each([
    [
      [60, 100],
      ['60', '70', '80', '90', '100'],
    ],
    [
      [97.2, 98.4],
      ['97.2', '97.4', '97.6', '97.8', '98.0', '98.2', '98.4'],
    ],
    [
      [0, 3750],
      ['0', '1000', '2000', '3000'],
    ],
    [
      [-0.5, 1.5],
      ['−0.5', '0', '0.5', '1.0', '1.5'],
    ],
    [
      [0, 3e6],
      ['0', '1M', '2M', '3M'],
    ],
    [
      [0, 4e-9],
      ['0', '1e-9', '2e-9', '3e-9', '4e-9'],
    ],
    [
      [0, 4e30],
      ['0', '1e+30', '2e+30', '3e+30', '4e+30'],
    ],
  ] as const)('%j: %j', (ends, labels) => {
    expect(linearTicks(ends, 4).labels).toEqual(labels);
  });

  test('labels differ where numbers are close to each other and far from 0', () => {
    const { labels } = linearTicks([1e6, 1e6 + 0.4], 4);
    expect(labels.slice(0, 2)).toEqual(['1,000,000.0', '1,000,000.1']);
    expect(new Set(linearTicks([1e15, 1e15 + 8], 4).labels).size).toBeGreaterThan(2);
  });
});

describe('logarithmic ticks', () => {
  test.each([
    [
      [0.02, 5000],
      ['0.1', '1', '10', '100', '1000'],
    ],
    [
      [0.07, 3],
      ['0.1', '0.3', '1', '3'],
    ],
    [
      [1e-30, 1e200],
      ['1', '1e+50', '1e+100', '1e+150', '1e+200'],
    ],
    [
      [2, 3],
      ['2', '3'],
    ],
    [
      [2.1, 2.3],
      ['2.10', '2.15', '2.20', '2.25', '2.30'],
    ],
  ] as const)('%j: %j', (ends, labels) => {
    expect(logTicks(ends, 4).labels).toEqual(labels);
  });

  test('are within the axis, at least two, whatever it spans', () => {
    const exponent = fc.double({ min: -300, max: 300, noNaN: true });
    fc.assert(
      fc.property(exponent, exponent, (a, b) => {
        fc.pre(Math.abs(a - b) > 0.01);
        const [low, high] = [a, b].sort((p, q) => p - q).map((power) => 10 ** power);
        const { values, labels } = logTicks([low, high], 4);
        expect(values.length).toBeGreaterThanOrEqual(2);
        expect(values.length).toBeLessThanOrEqual(9);
        expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
        expect(Math.max(...values)).toBeLessThanOrEqual(high);
        expect(new Set(labels).size).toBe(labels.length);
      }),
    );
  });
});

describe('ticks of a horizontal axis', () => {
  test('leave space between their labels', () => {
    for (const end of [7, 40, 3750, 6250, 1e6, 123456789, 0.37, 4e-7])
      for (const width of [100, 118, 265]) {
        const { values, labels } = spacedTicks(end, width, false);
        const edges = values.map((value, k) => {
          const half = textWidth(labels[k], 10) / 2;
          return [(width * value) / end - half, (width * value) / end + half];
        });
        for (let k = 1; k < edges.length; k++) expect(edges[k][0] - edges[k - 1][1]).toBeGreaterThan(3.9);
        expect(labels.length, `${end} on ${width}`).toBeGreaterThan(1);
      }
  });

  test('of whole numbers are whole numbers', () => {
    expect(spacedTicks(1, 265, true).labels).toEqual(['0', '1']);
    expect(spacedTicks(3, 265, true).labels).toEqual(['0', '1', '2', '3']);
    expect(spacedTicks(1, 265, false).labels).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1.0']);
  });
});
