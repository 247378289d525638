import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeSystemError, fileProblem, isSystemError } from '../../src/base/file-problem.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'byzsim-problem-'));
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('circle', join(folder, 'circle'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function errorOf(act: () => unknown): NodeJS.ErrnoException {
  try {
    act();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('nothing went wrong');
}

describe('what the operating system says, in words and with the path', () => {
  const read = (name: string) => errorOf(() => readFileSync(join(folder, name)));
  test.each([
    ['nowhere', 'there is no such file or folder'],
    ['file/x', 'a part of its path is a file, not a folder'],
    ['circle', 'too many symbolic links on the way, or a circle of them'],
    ['x'.repeat(300), 'the name is too long for the file system'],
  ])('reading %s', (name, problem) => {
    expect(fileProblem(read(name))).toBe(problem);
    expect(describeSystemError(read(name))).toBe(`cannot read ${join(folder, name)}: ${problem}`);
  });

  test('a folder in place of a file', () => {
    expect(fileProblem(read('folder'))).toBe('it is a folder');
    const error = errorOf(() => openSync(join(folder, 'folder'), 'w'));
    expect(fileProblem(error)).toBe('it is a folder');
  });

  test('making a folder', () => {
    const error = errorOf(() => mkdirSync(join(folder, 'file')));
    expect(describeSystemError(error)).toBe(
      `cannot write ${join(folder, 'file')}: what is there is no folder`,
    );
  });

  test('a code without words of ours has those of the system', () => {
    const error = Object.assign(new Error("EXDEV: cross-device link not permitted, rename 'a' -> 'b'"), {
      code: 'EXDEV',
      syscall: 'rename',
    });
    expect(fileProblem(error)).toBe('cross-device link not permitted');
    expect(isSystemError(error)).toBe(true);
    expect(isSystemError(new TypeError('x is not a function'))).toBe(false);
  });
});
