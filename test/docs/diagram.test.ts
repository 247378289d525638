import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readPage } from './examples.js';

test('docs/byzsgd.svg is what its script draws of the simulation', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-diagram-'));
  try {
    const file = join(folder, 'byzsgd.svg');
    await promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/message-diagram.ts', file]);
    expect(readFileSync(file, 'utf8')).toBe(readPage('docs/byzsgd.svg'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
