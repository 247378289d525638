import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { integerWeights, possibleRanks } from '../../../src/compute/vectors/integer-weights.js';

const wasm = readFile(new URL('../../../dist/kernels/stack.wasm', import.meta.url));

/** [id, body] of the sections of a WebAssembly module (core specification, 5.5.2). */
function sections(module: Uint8Array): [number, Uint8Array][] {
  const found: [number, Uint8Array][] = [];
  for (let at = 8; at < module.length;) {
    const id = module[at++];
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      more = module[at] >= 0x80;
      size |= (module[at++] & 0x7f) << shift;
    }
    found.push([id, module.subarray(at, at + size)]);
    at += size;
  }
  return found;
}

it('carries no data, and imports one memory and nothing else', async () => {
  const found = sections(await wasm);
  const ids = found.map(([id]) => id);
  expect(ids).toContain(10); // code
  expect(ids).not.toContain(11); // data
  expect(ids).not.toContain(8); // start
  const imports = Buffer.from(found.find(([id]) => id === 2)![1]);
  // One import: env.memory, a memory (2), shared with a maximum (3).
  expect(imports[0]).toBe(1);
  expect(imports.toString('latin1', 1, 12)).toBe('\x03env\x06memory');
  expect([...imports.subarray(12, 14)]).toEqual([2, 3]);
});

it('turns weights into integers in the same proportions', () => {
  expect(integerWeights([1, 4, 9])).toEqual([1n, 4n, 9n]);
  expect(integerWeights([0.5, 0, 1.25])).toEqual([2n, 0n, 5n]);
  expect(integerWeights([3e-300, 3e-300])).toEqual([1n, 1n].map((n) => n * integerWeights([3e-300])[0]));
  const [tenth, fifth] = integerWeights([0.1, 0.2]);
  expect(fifth).toBe(2n * tenth);
  const huge = integerWeights([1e300, 1, 1e300]);
  expect(huge[0]).toBe(huge[2]);
  expect(huge[0] + huge[1] + huge[2]).toBeLessThan(2n ** 62n);
});

it('bounds the rank of a weighted median', () => {
  expect(possibleRanks([1n, 1n, 1n, 1n, 1n], 2n)).toEqual({ first: 2, last: 2 });
  expect(possibleRanks([1n, 1n, 1n, 1n], 2n)).toEqual({ first: 2, last: 2 });
  expect(possibleRanks([1n, 1n, 1n, 1n], 1n)).toEqual({ first: 1, last: 1 });
  // 10 of 14 is more than half: the value of that row, first or last in order.
  expect(possibleRanks([10n, 1n, 1n, 1n, 1n], 7n)).toEqual({ first: 0, last: 4 });
});
