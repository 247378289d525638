import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readText, requireText } from '../../src/base/text-file.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-text-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (content: string | Uint8Array, atMost = 1e6) => {
  const file = join(folder, 'file');
  writeFileSync(file, content);
  return readText(file, atMost);
};

test('a text, less its byte order mark', async () => {
  expect(await read('a: ω\n')).toMatchObject({ text: 'a: ω\n' });
  expect(await read('\uFEFFa: 1\n')).toMatchObject({ text: 'a: 1\n' });
  expect(await read('')).toMatchObject({ text: '' });
  // Cut into pieces in the middle of a letter.
  const long = 'ω'.repeat(3_000_001);
  expect(await read(`x${long}`, 1e7)).toMatchObject({ text: `x${long}` });
});

test.each([
  ['latin-1', Buffer.from('a: 1\nb: caf\xe9\n', 'latin1'), 'it is no UTF-8 text: see line 2'],
  ['UTF-16', Buffer.from('\uFEFFa: 1\n', 'utf16le'), 'it is UTF-16: save it as UTF-8'],
  ['a NUL', 'a: 1\nb:\n\0\n', 'it is no UTF-8 text: see line 3'],
])('no text: %s', async (_, content, problem) => {
  expect(await read(content)).toEqual({ problem, missing: false });
});

test('no more than it may', async () => {
  expect(await read('x'.repeat(2000), 2000)).toMatchObject({ text: 'x'.repeat(2000) });
  expect(await read('x'.repeat(2001), 2000)).toEqual({
    problem: 'it is larger than 0.002 MB',
    missing: false,
  });
});

test('what is no file, or not there', async () => {
  mkdirSync(join(folder, 'folder'));
  expect(await readText(join(folder, 'folder'), 9)).toEqual({ problem: 'it is a folder', missing: false });
  expect(await readText(join(folder, 'nowhere'), 9)).toMatchObject({ missing: true });
  expect(await readText(join(folder, 'file', 'x'), 9)).toMatchObject({ missing: true });
  symlinkSync('circle', join(folder, 'circle'));
  expect(await readText(join(folder, 'circle'), 9)).toMatchObject({ missing: false });
  await expect(requireText('trace', join(folder, 'nowhere'), 9)).rejects.toThrow(
    /^missing trace: .*nowhere$/,
  );
  await expect(requireText('trace', join(folder, 'folder'), 9)).rejects.toThrow(
    /^unreadable trace: .*folder \(it is a folder\)$/,
  );
});

test.skipIf(!existsSync('/dev/zero'))('a pipe to its end, and a device that has none', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const [result] = await Promise.all([readText(pipe, 100), writeFile(pipe, 'a: 1\n')]);
  expect(result).toMatchObject({ text: 'a: 1\n' });
  expect(await readText('/dev/zero', 1e6)).toMatchObject({ problem: 'it is larger than 1 MB' });
});
