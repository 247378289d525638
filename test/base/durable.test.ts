import type * as Fs from 'node:fs';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type * as FsPromises from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { writeAtomically } from '../../src/data/files.js';
import { syncFolder } from '../../src/base/durable.js';
import { makeFolder as createFolder } from '../../src/base/make-folder.js';
import { CsvFile, makeFolder, writeWhole } from '../../src/results/files.js';
import { temporaryFolder } from '../data/folder.js';

/** What was synced and renamed, in order; file names without what makes them unique. */
let log: string[] = [];
const opened = new Map<number, string>();
const short = (path: string) => basename(path).replace(/\.[0-9a-f]{8}\.(tmp|part)$/, '.temporary');

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  return {
    ...fs,
    openSync: (path: string, ...rest: [string]) => {
      const descriptor = fs.openSync(path, ...rest);
      opened.set(descriptor, path);
      return descriptor;
    },
    fsyncSync: (descriptor: number) => {
      log.push(`sync ${short(opened.get(descriptor)!)}`);
      fs.fsyncSync(descriptor);
    },
    writeFileSync: (path: string, content: string, options?: { flush?: boolean }) => {
      fs.writeFileSync(path, content, options);
      if (options?.flush) log.push(`sync ${short(path)}`);
    },
    renameSync: (from: string, to: string) => {
      fs.renameSync(from, to);
      log.push(`rename ${short(from)} ${short(to)}`);
    },
  };
});

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof FsPromises>();
  return {
    ...fs,
    writeFile: async (path: string, content: Uint8Array, options: { flag: string; flush?: boolean }) => {
      await fs.writeFile(path, content, options);
      if (options.flush) log.push(`sync ${short(path)}`);
    },
    rename: async (from: string, to: string) => {
      await fs.rename(from, to);
      log.push(`rename ${short(from)} ${short(to)}`);
    },
  };
});

beforeEach(() => (log = []));

describe('what is written whole is there, whole, after a power cut', () => {
  const expected = (folder: string) => [
    'sync a.temporary',
    'rename a.temporary a',
    `sync ${basename(folder)}`,
  ];

  test('results: the content is synced, then the name is given and synced', () => {
    const folder = temporaryFolder();
    writeWhole(join(folder, 'a'), 'content');
    expect(log).toEqual(expected(folder));
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('content');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('data', async () => {
    const folder = temporaryFolder();
    await writeAtomically(join(folder, 'a'), Buffer.from('content'));
    expect(log).toEqual(expected(folder));
  });

  test('a table is synced when it is closed', () => {
    const file = new CsvFile(join(temporaryFolder(), 'metrics.csv'), ['update']);
    file.append([1]);
    expect(log).toEqual([]);
    file.close();
    expect(log).toEqual(['sync metrics.csv']);
  });
});

describe('createFolder', () => {
  test('syncs the folder around each that it makes, and none if it makes none', () => {
    const folder = temporaryFolder();
    makeFolder(join(folder, 'a', 'b'));
    expect(log).toEqual([`sync ${basename(folder)}`, 'sync a']);
    log = [];
    createFolder(join(folder, 'a', 'b'));
    expect(log).toEqual([]);
  });

  test('takes relative paths', () => {
    const folder = temporaryFolder();
    createFolder(relative(process.cwd(), join(folder, 'a')));
    expect(log).toEqual([`sync ${basename(folder)}`]);
  });

  test('fails where a file is in the way', () => {
    const file = join(temporaryFolder(), 'a');
    writeFileSync(file, '');
    expect(() => createFolder(join(file, 'b'))).toThrow(/ENOTDIR|EEXIST/);
    expect(() => makeFolder(join(file, 'b'))).toThrow(`cannot write ${join(file, 'b')}`);
  });
});

test('a folder that cannot be synced is left as it is; one that is not there is an error', () => {
  syncFolder('/proc');
  expect(() => syncFolder(join(dirname(temporaryFolder()), 'nowhere'))).toThrow('ENOENT');
});
