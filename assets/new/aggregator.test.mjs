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

function aggregate(vectors, weights) {
  const request = { aggregator: { module: './FILE', factor: 1 }, vectors, weights };
  return JSON.parse(byzsim(['aggregate'], JSON.stringify(request)));
}

test('a message far away moves the median no further than the others', () => {
  // The median is 2, the median distance 1: 0 + (-1) + 0 + 1 + 1, a fifth of it.
  assert.deepEqual(aggregate([[2], [1], [2], [3], [900]]), [2.2]);
});

test('a message of weight 3 counts as three', () => {
  assert.deepEqual(aggregate([[1], [5]], [3, 1]), aggregate([[1], [1], [1], [5]], [1, 1, 1, 1]));
});

test('it does what every rule should', () => byzsim(['test-rule', 'FILE', '--quiet']));
