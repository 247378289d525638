import type { Dataset } from '../../src/data/dataset.js';

/** Eight-by-eight two-class images, a bright left or right half, in shared memory: small enough for any engine. */
export function tinyImages(train = 64, test = 40): Dataset {
  const split = (count: number, seed: number) => {
    const inputs = new Uint8Array(new SharedArrayBuffer(count * 64));
    const labels = new Uint8Array(new SharedArrayBuffer(count));
    let state = seed;
    for (let k = 0; k < count; k++) {
      labels[k] = k % 2;
      for (let p = 0; p < 64; p++) {
        state = (state * 1103515245 + 12345) % 2 ** 31;
        const bright = p % 8 < 4 === (labels[k] === 0);
        inputs[k * 64 + p] = (bright ? 120 : 40) + (state % 80);
      }
    }
    return { count, inputs, labels };
  };
  return {
    name: 'tiny',
    shape: [8, 8, 1],
    classes: 2,
    train: split(train, 1),
    test: split(test, 2),
    normalisation: { mean: [0.4], deviation: [0.3] },
    order: 'shuffled',
    checksums: {},
  };
}
