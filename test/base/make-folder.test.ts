import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder } from '../../src/base/make-folder.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-make-'));
  writeFileSync(join(folder, 'file'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('makes what is missing, and leaves what is there', () => {
  const path = join(folder, 'a', 'b', 'c');
  makeFolder(path);
  makeFolder(path);
  makeFolder('.');
  expect(statSync(path).isDirectory()).toBe(true);
});

test('takes a link to a folder for one', () => {
  makeFolder(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  makeFolder(join(folder, 'link', 'below'));
  expect(existsSync(join(folder, 'real', 'below'))).toBe(true);
});

test.each([
  ['a file in its place', 'file', 'EEXIST'],
  ['a file on the way', 'file/x/y', 'ENOTDIR'],
  ['a name that is too long', `new/${'x'.repeat(300)}/y`, 'ENAMETOOLONG'],
])('%s is reported as what it is', (_, path, code) => {
  expect(() => makeFolder(join(folder, path))).toThrow(expect.objectContaining({ code }));
});

// mkdir in /proc says ENOENT, over which Node's own `recursive` never comes to an end.
test.skipIf(!existsSync('/proc/self'))('a file system that takes no folders', () => {
  expect(() => makeFolder('/proc/byzsim/x')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});
