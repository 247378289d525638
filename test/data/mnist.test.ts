import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { idxHeader } from '../../src/data/idx.js';
import { mnist, mnistFiles } from '../../src/data/mnist.js';
import { temporaryFolder } from './folder.js';

const directory = process.env.BYZSIM_DATA_DIR;
const present = directory !== undefined && existsSync(join(directory, 'mnist'));

describe('MNIST', () => {
  it.skipIf(!present)('loads from BYZSIM_DATA_DIR (skipped without it)', async () => {
    const loaded = await mnist.load({ name: 'mnist' }, { directory });
    expect(loaded.train.count).toBe(60_000);
    expect(loaded.test.count).toBe(10_000);
    // The first labels of both files, as printed in many a tutorial.
    expect([...loaded.train.labels.subarray(0, 8)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
    expect([...loaded.test.labels.subarray(0, 8)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9]);

    let sum = 0;
    let squares = 0;
    for (const byte of loaded.train.inputs) {
      sum += byte / 255;
      squares += (byte / 255) ** 2;
    }
    const mean = sum / loaded.train.inputs.length;
    const deviation = Math.sqrt(squares / loaded.train.inputs.length - mean ** 2);
    expect(mean).toBeCloseTo(loaded.normalisation!.mean[0], 4);
    expect(deviation).toBeCloseTo(loaded.normalisation!.deviation[0], 4);
  });

  it('refuses files of the right size and another content, and says what to do', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'mnist'));
    const { train, test } = mnistFiles;
    for (const file of [train.images, train.labels, test.images, test.labels]) {
      const content = Buffer.alloc(file.bytes);
      content.set(idxHeader(file.shape));
      expect(createHash('sha256').update(content).digest('hex')).not.toBe(file.sha256);
      writeFileSync(join(folder, 'mnist', file.name), content);
    }
    await expect(mnist.load({ name: 'mnist' }, { directory: folder })).rejects.toThrow(
      /invalid file .*idx.-ubyte: corrupted or altered[^]*Delete it; byzsim data fetch mnist gets it anew/,
    );
  });
});
