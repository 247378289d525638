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

function aggregate(vectors, scale) {
  const aggregator = { rule: 'cwmed', meta: [{ module: './FILE', scale }] };
  return JSON.parse(byzsim(['aggregate'], JSON.stringify({ aggregator, vectors })));
}

test('what is far from the median counts less', () => {
  // Distances 0, 0, 3 of mean 1: weights 1, 1 and 1/10.
  const [result] = aggregate([[0], [0], [3]], 1);
  assert.ok(Math.abs(result - 0.3 / 2.1) < 1e-12, String(result));
});

test('messages that agree come back', () => assert.deepEqual(aggregate([[4], [4]], 1), [4]));

test('it does what every rule should', () => byzsim(['test-rule', 'FILE', '--quiet']));
