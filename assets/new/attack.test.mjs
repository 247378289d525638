// node --test runs this. It calls byzsim, which has to be on the PATH.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

function byzsim(words, input = '') {
  const result = spawnSync('byzsim', words, { cwd: import.meta.dirname, input, encoding: 'utf8' });
  if (result.error) throw result.error;
  assert.ok(result.status === 0, result.stdout + result.stderr);
  return result.stdout;
}

test('it is the honest mean minus so many deviations', () => {
  // Mean 2, deviation 1; and mean 5, deviation 0.
  const request = {
    attack: { module: './FILE', deviations: 3 },
    honest: [
      [1, 5],
      [3, 5],
    ],
  };
  assert.deepEqual(JSON.parse(byzsim(['attack'], JSON.stringify(request))), [-1, 5]);
});
