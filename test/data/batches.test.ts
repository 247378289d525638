import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleInputs, assembleTargets, BatchStream } from '../../src/data/batches.js';
import type { Batch, Dataset } from '../../src/data/dataset.js';
import { randomStream } from '../../src/base/random.js';

function images(count: number, shape: [number, number, number], padding?: number): Dataset {
  const size = shape[0] * shape[1] * shape[2];
  const split = {
    count,
    inputs: Uint8Array.from({ length: count * size }, (_, k) => (k * 37 + 11) % 256),
    labels: Uint8Array.from({ length: count }, (_, k) => k % 10),
  };
  const perChannel = (base: number) =>
    Array.from({ length: shape[2] }, (_, channel) => base + 0.07 * channel);
  return {
    name: 'images',
    shape,
    classes: 10,
    train: split,
    test: split,
    normalisation: { mean: perChannel(0.3), deviation: perChannel(0.2) },
    padding,
    order: 'shuffled',
    checksums: {},
  };
}

function points(count: number, dimension: number): Dataset {
  const split = {
    count,
    inputs: Float32Array.from({ length: count * dimension }, (_, k) => k / 3),
    labels: new Uint8Array(0),
  };
  return {
    name: 'points',
    shape: [dimension],
    classes: 0,
    train: split,
    test: split,
    order: 'file-order',
    checksums: {},
  };
}

const stream = (dataset: Dataset, batchSize: number, seed = 1) =>
  new BatchStream(dataset, batchSize, randomStream(seed, 'batches'), randomStream(seed, 'augmentation'));

const take = (batches: BatchStream, count: number): Batch[] =>
  Array.from({ length: count }, () => batches.next());

describe('BatchStream', () => {
  it('goes through every sample once a pass, in a new order each pass', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 1, max: 70 }),
        fc.nat(),
        (count, batchSize, seed) => {
          const batches = stream(images(count, [1, 1, 1]), batchSize, seed);
          const drawn = take(batches, Math.ceil((3 * count) / batchSize)).flatMap(({ indices }) => [
            ...indices,
          ]);
          for (let pass = 0; pass < 3; pass++) {
            const sorted = drawn.slice(pass * count, (pass + 1) * count).sort((a, b) => a - b);
            expect(sorted).toEqual(Array.from({ length: count }, (_, k) => k));
          }
        },
      ),
    );
    const drawn = take(stream(images(100, [1, 1, 1]), 100), 2);
    expect(drawn[0].indices).not.toEqual(drawn[1].indices);
  });

  it('puts every sample in every place about equally often', () => {
    const counts = Array.from({ length: 4 }, () => new Array<number>(4).fill(0));
    for (const { indices } of take(stream(images(4, [1, 1, 1]), 4), 8_000)) {
      indices.forEach((index, place) => counts[index][place]++);
    }
    // 2,000 expected; five standard deviations of a binomial count.
    for (const count of counts.flat()) expect(Math.abs(count - 2_000)).toBeLessThan(5 * Math.sqrt(1_500));
  });

  it('goes through a shard alone, several times for a batch that is larger', () => {
    const dataset = images(40, [1, 1, 1]);
    const shard = Uint32Array.from([3, 17, 30]);
    const [order, augmentation] = [randomStream(1, 'batches/1'), randomStream(1, 'augmentation/1')];
    const batches = new BatchStream(dataset, 7, order, augmentation, shard);
    const drawn = take(batches, 3).flatMap(({ indices }) => [...indices]);
    expect(drawn).toHaveLength(21);
    for (let pass = 0; pass < 7; pass++)
      expect(drawn.slice(3 * pass, 3 * pass + 3).sort((a, b) => a - b)).toEqual([...shard]);
  });

  it('is a function of its seed', () => {
    const dataset = images(50, [4, 4, 3], 2);
    expect(take(stream(dataset, 8, 5), 20)).toEqual(take(stream(dataset, 8, 5), 20));
    expect(take(stream(dataset, 8, 5), 20)).not.toEqual(take(stream(dataset, 8, 6), 20));
  });

  it('draws points in file order, wrapping round', () => {
    const batches = stream(points(5, 2), 3);
    expect(take(batches, 4).map(({ indices }) => [...indices])).toEqual([
      [0, 1, 2],
      [3, 4, 0],
      [1, 2, 3],
      [4, 0, 1],
    ]);
  });

  it('draws crops and flips over their whole range, from their own stream', () => {
    const padded = take(stream(images(50, [4, 4, 3], 2), 10), 200);
    const triples = padded.flatMap(({ augmentation }) => [...augmentation!]);
    const values = (offset: number) => [...new Set(triples.filter((_, k) => k % 3 === offset))].sort();
    expect([values(0), values(1), values(2)]).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
      [0, 1],
    ]);

    const plain = take(stream(images(50, [4, 4, 3]), 10), 200);
    expect(plain[0].augmentation).toBeUndefined();
    expect(plain.map(({ indices }) => indices)).toEqual(padded.map(({ indices }) => indices));
  });
});

/** The definition, one pixel at a time: pad with black, cut the window, mirror it, normalise. */
function naive(dataset: Dataset, batch: Batch): number[] {
  const [height, width, channels] = dataset.shape;
  const padding = dataset.padding ?? 0;
  const { mean, deviation } = dataset.normalisation!;
  return [...batch.indices].flatMap((index, k) => {
    const [top, left, flip] = batch.augmentation?.subarray(3 * k, 3 * k + 3) ?? [padding, padding, 0];
    const pixel = (row: number, column: number, channel: number) =>
      row < 0 || row >= height || column < 0 || column >= width
        ? 0
        : dataset.train.inputs[((index * height + row) * width + column) * channels + channel];
    const rows = Array.from({ length: height }, (_, row) => {
      const cells = Array.from({ length: width }, (_, column) =>
        Array.from({ length: channels }, (_, channel) => {
          const byte = pixel(row + top - padding, column + left - padding, channel);
          return Math.fround((byte / 255 - mean[channel]) / deviation[channel]);
        }),
      );
      return flip ? cells.reverse() : cells;
    });
    return rows.flat(2);
  });
}

describe('assembleInputs', () => {
  it('agrees with the definition on random crops and flips', () => {
    const shape = fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(1, 3),
    );
    fc.assert(
      fc.property(shape, fc.nat({ max: 3 }), fc.nat(), (size, padding, seed) => {
        const dataset = images(5, size, padding);
        const batch = stream(dataset, 4, seed).next();
        const out = new Float32Array(4 * size[0] * size[1] * size[2]);
        assembleInputs(dataset, dataset.train, batch, out);
        expect([...out]).toEqual(naive(dataset, batch));
      }),
    );
  });

  it('gives a range as the batch of the same indices without augmentation', () => {
    const dataset = images(9, [3, 4, 3], 2);
    const [range, batch] = [new Float32Array(4 * 36), new Float32Array(4 * 36)];
    assembleInputs(dataset, dataset.test, { from: 3, to: 7 }, range);
    assembleInputs(dataset, dataset.test, { indices: Uint32Array.of(3, 4, 5, 6) }, batch);
    expect(range).toEqual(batch);
  });

  it('copies points as they are', () => {
    const dataset = points(4, 3);
    const out = new Float32Array(6);
    assembleInputs(dataset, dataset.train, { indices: Uint32Array.of(2, 0) }, out);
    expect(out).toEqual(Float32Array.of(2, 7 / 3, 8 / 3, 0, 1 / 3, 2 / 3));
    assembleInputs(dataset, dataset.train, { from: 1, to: 3 }, out);
    expect(out).toEqual(Float32Array.of(1, 4 / 3, 5 / 3, 2, 7 / 3, 8 / 3));
  });
});

describe('assembleTargets', () => {
  const dataset = images(20, [1, 1, 1]);
  const batch = { indices: Uint32Array.of(13, 0, 9) };

  it('writes one-hot labels over whatever was there', () => {
    const out = new Float32Array(30).fill(7);
    assembleTargets(dataset, batch, 'true', out);
    expect([...out].flatMap((value, k) => (value ? [[k, value]] : []))).toEqual([
      [3, 1],
      [10, 1],
      [29, 1],
    ]);
  });

  it('flips class y to classes - 1 - y', () => {
    const out = new Float32Array(30);
    assembleTargets(dataset, batch, 'flipped', out);
    expect([6, 19, 20].map((k) => out[k])).toEqual([1, 1, 1]);
    expect(out.reduce((sum, value) => sum + value)).toBe(3);
  });
});
