import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digitsFiles, digitsFolder, loadDigits, loadDigitsSplit } from '../../src/data/digits.js';
import { generateDigits } from '../../src/data/digits/generator.js';
import { sha256, type Progress } from '../../src/data/files.js';
import { temporaryFolder } from './folder.js';

describe('the digits generator', () => {
  it('makes the same bytes on every platform', () => {
    const { images, labels } = generateDigits('test', 1_000);
    expect(sha256(images)).toBe('4ae3ac8f38925f794a599e507ad4fdd6d01129991905dd8f4e6d8677f1da21c1');
    expect(sha256(labels)).toBe('90749e8334d73b09b16742a80dd15b3fd23de18cd9e9f7a4a899592e4d3a54c9');
  });

  it('makes the first images the same however many follow, and the splits different', () => {
    const few = generateDigits('train', 20);
    const more = generateDigits('train', 50);
    expect(more.images.subarray(0, few.images.length)).toEqual(few.images);
    expect(generateDigits('test', 20).images).not.toEqual(few.images);
  });

  it('draws every class about equally often, on a dark ground and within the image', () => {
    const { images, labels } = generateDigits('train', 5_000);
    const border = { sum: 0, count: 0 };
    const ink = new Float64Array(10);
    const count = new Float64Array(10);
    for (let k = 0; k < labels.length; k++) {
      count[labels[k]]++;
      for (let pixel = 0; pixel < 784; pixel++) {
        const byte = images[k * 784 + pixel];
        if (byte > 128) ink[labels[k]]++;
        if (pixel < 28 || pixel >= 756) {
          border.sum += byte;
          border.count++;
        }
      }
    }
    for (let digit = 0; digit < 10; digit++) {
      expect(Math.abs(count[digit] - 500)).toBeLessThan(5 * Math.sqrt(450));
      expect(ink[digit] / count[digit]).toBeGreaterThan(20);
    }
    expect(border.sum / border.count).toBeLessThan(20);
  });
});

describe('loadDigits', () => {
  it('generates 70,000 images with their checksums and normalisation', async () => {
    const digits = await loadDigits(temporaryFolder());
    expect([digits.train.count, digits.test.count]).toEqual([60_000, 10_000]);
    let sum = 0;
    let squares = 0;
    for (const byte of digits.train.inputs) {
      sum += byte;
      squares += byte * byte;
    }
    const mean = sum / digits.train.inputs.length;
    const deviation = Math.sqrt(squares / digits.train.inputs.length - mean * mean);
    expect(digits.normalisation).toEqual({
      mean: [Number((mean / 255).toFixed(4))],
      deviation: [Number((deviation / 255).toFixed(4))],
    });
    expect(Object.keys(digits.checksums)).toHaveLength(4);
  });

  it('generates once, then reads the cache, and mends it', async () => {
    const cache = temporaryFolder();
    const steps: Progress[] = [];
    const load = async () => {
      const { inputs } = await loadDigitsSplit(cache, 'test', (progress) => steps.push(progress));
      return sha256(inputs as Uint8Array);
    };

    const generated = await load();
    expect(steps.at(-1)).toMatchObject({ unit: 'images', done: 10_000, total: 10_000 });
    const folder = join(cache, digitsFolder);
    expect(readdirSync(folder)).toEqual(['test-images-idx3-ubyte', 'test-labels-idx1-ubyte']);

    steps.length = 0;
    expect(await load()).toBe(generated);
    expect(steps).toEqual([]);

    const file = join(folder, 'test-images-idx3-ubyte');
    writeFileSync(file, readFileSync(file).subarray(0, 1_000_000));
    expect(await load()).toBe(generated);
    expect(steps).not.toEqual([]);
    expect(sha256(readFileSync(file))).toBe(digitsFiles.test.images.sha256);
  });

  it('does without a cache folder', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { labels } = await loadDigitsSplit(join(file, 'not-a-folder'), 'test');
    expect(labels).toHaveLength(10_000);
  });
});
