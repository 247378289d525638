import { expect, test } from 'vitest';
import { HostVectors } from '../../src/compute/vectors/host.js';
import { HeldBack } from '../../src/simulation/held-back.js';

test('no more is kept than what is sent and what was made since', () => {
  const vectors = new HostVectors(1, Float64Array);
  const held = new HeldBack(vectors, 3, -1);
  for (let update = 0; update < 10; update++) {
    held.add({ vector: vectors.fromHost([update + 1]), version: update });
    held.renew(update);
    const sent = Math.max(0, update - 3);
    expect([held.version, ...vectors.toHost(held.vector)]).toEqual([sent, -(sent + 1)]);
    expect((held.save() as unknown[]).length).toBe(Math.min(update, 3) + 1);
  }
});

test('of what is old enough the newest is sent', () => {
  const vectors = new HostVectors(1, Float64Array);
  const held = new HeldBack(vectors, 2, 1);
  for (const version of [0, 3, 4, 9]) held.add({ vector: vectors.fromHost([version]), version });
  const sentAt = (update: number) => {
    held.renew(update);
    return held.version;
  };
  expect([1, 4, 5, 6, 10, 11].map(sentAt)).toEqual([0, 0, 3, 4, 4, 9]);
});

test('batch statistics go with their message, once', () => {
  const vectors = new HostVectors(1, Float64Array);
  const held = new HeldBack(vectors, 1, 1);
  const statistics = Float32Array.of(5);
  held.add({ vector: vectors.fromHost([1]), version: 0, statistics });
  expect(held.statistics).toBe(statistics);
  held.statistics = undefined;
  held.renew(7);
  expect(held.statistics).toBeUndefined();
});
