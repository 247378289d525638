// node --test runs this. It calls byzsim, which has to be on the PATH.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

function byzsim(words, input = '') {
  const result = spawnSync('byzsim', words, { cwd: import.meta.dirname, input, encoding: 'utf8' });
  if (result.error) throw result.error;
  assert.ok(result.status === 0, result.stdout + result.stderr);
  return result.stdout;
}

test('a short run goes to its end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'NAME-'));
  try {
    const words = ['NAME.yaml', 'updates=20', 'evaluate.every=20', '--out', folder, '--quiet', '--json'];
    const { runs } = JSON.parse(byzsim(['run', ...words]));
    assert.equal(runs[0].status, 'done');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
