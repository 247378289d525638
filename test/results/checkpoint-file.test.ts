import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Saved } from '../../src/base/state.js';
import {
  openCheckpoint,
  removeCheckpoint,
  writeCheckpoint,
  type CheckpointHeader,
} from '../../src/results/checkpoint-file.js';
import { temporaryFolder } from '../support/study.js';

const header: CheckpointHeader = {
  meta: { schema: 1, hash: 'a'.repeat(64), seed: 1 },
  update: 7,
  tables: { 'metrics.csv': { bytes: 12, sha256: 'b' } },
};
const state: Readonly<Record<string, Saved>> = {
  'server/model': Float32Array.of(1, NaN, -0, Infinity),
  'random/arrivals': { i: 3, S: [1, 2, 3] },
  queue: [{ time: 0.1 + 0.2, worker: 4, pending: undefined }],
};

async function* parts(all: typeof state) {
  for (const part of Object.entries(all)) yield await Promise.resolve(part);
}

const written = async (all = state): Promise<string> => {
  const path = join(temporaryFolder(), 'checkpoint.bin');
  await writeCheckpoint(path, header, parts(all), () => {});
  return path;
};

const stateIn = (path: string) => {
  const checkpoint = openCheckpoint(path)!;
  const all = Object.fromEntries(checkpoint.paths.map((name) => [name, checkpoint.read(name)]));
  checkpoint.close();
  return { header: checkpoint.header, state: all };
};

describe('a checkpoint', () => {
  test('comes back as it was, to the bit', async () => {
    const path = await written();
    expect(stateIn(path)).toEqual({ header, state });
    removeCheckpoint(path);
    expect(openCheckpoint(path)).toBeUndefined();
  });

  test('stays until the next one is whole', async () => {
    const path = await written();
    async function* failing() {
      yield* parts({ 'server/model': new Float32Array(1000) });
      await Promise.reject(new Error('killed'));
    }
    await expect(writeCheckpoint(path, { ...header, update: 8 }, failing(), () => {})).rejects.toThrow(
      'killed',
    );
    const lost = () => {
      throw new Error('lost the folder');
    };
    await expect(writeCheckpoint(path, { ...header, update: 8 }, parts(state), lost)).rejects.toThrow('lost');
    expect(stateIn(path).header.update).toBe(7);
    expect(readdirSync(join(path, '..'))).toEqual(['checkpoint.bin']);
  });

  test('replaces what a killed process left of another', async () => {
    const path = await written();
    writeFileSync(`${path}.tmp`, 'half a check');
    await writeCheckpoint(path, { ...header, update: 9 }, parts(state), () => {});
    expect(stateIn(path).header.update).toBe(9);
    expect(existsSync(`${path}.tmp`)).toBe(false);
  });
});

describe('a file that is no whole checkpoint is named', () => {
  test('cut short anywhere', async () => {
    const path = await written();
    for (let length = readFileSync(path).length - 1; length >= 0; length--) {
      truncateSync(path, length);
      expect(() => openCheckpoint(path), `${length} bytes`).toThrow(/^unreadable .*checkpoint\.bin: it is /);
    }
  });

  test('any byte of it changed', async () => {
    const path = await written();
    const whole = readFileSync(path);
    for (let k = 0; k < whole.length; k++) {
      const changed = Buffer.from(whole);
      changed[k] ^= 1 << (k % 8);
      writeFileSync(path, changed);
      expect(() => openCheckpoint(path), `byte ${k}`).toThrow(
        /^unreadable .*checkpoint\.bin: it (is|does not begin as) /,
      );
    }
  });

  test.each([
    ['', 'it is empty'],
    ['byzsim checkpoint 0\n', 'it is of a version that wrote checkpoints otherwise'],
    ['byzsim che', 'it is cut short'],
    [
      '\x7fELF, or anything else that is not',
      'it does not begin as a checkpoint does: something else was written there',
    ],
    ['a note\n', 'it does not begin as a checkpoint does: something else was written there'],
    ['\0'.repeat(4096), 'it begins with zeros: its content was lost, as in a power cut or on a failing disk'],
    ['\0', 'it begins with zeros: its content was lost, as in a power cut or on a failing disk'],
  ])('%j: %s', async (content, reason) => {
    const path = await written();
    writeFileSync(path, content);
    expect(() => openCheckpoint(path)).toThrow(`unreadable ${path}: ${reason}`);
  });

  test('with more behind it', async () => {
    const path = await written();
    appendFileSync(path, 'more');
    expect(() => openCheckpoint(path)).toThrow('its checksum is wrong');
  });
});
