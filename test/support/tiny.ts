import type { Dataset } from '../../src/data/dataset.js';

/** Two-class images, a bright left or right half, in shared memory: small enough for any engine. */
export function tinyImages(size = 8, train = 64, test = 40): Dataset {
  const pixels = size * size;
  const split = (count: number, seed: number) => {
    const inputs = new Uint8Array(new SharedArrayBuffer(count * pixels));
    const labels = new Uint8Array(new SharedArrayBuffer(count));
    let state = seed;
    for (let k = 0; k < count; k++) {
      labels[k] = k % 2;
      for (let p = 0; p < pixels; p++) {
        state = (state * 1103515245 + 12345) % 2 ** 31;
        const bright = p % size < size / 2 === (labels[k] === 0);
        inputs[k * pixels + p] = (bright ? 120 : 40) + (state % 80);
      }
    }
    return { count, inputs, labels };
  };
  return {
    name: 'tiny',
    shape: [size, size, 1],
    classes: 2,
    train: split(train, 1),
    test: split(test, 2),
    normalisation: { mean: [0.4], deviation: [0.3] },
    order: 'shuffled',
    checksums: {},
  };
}
