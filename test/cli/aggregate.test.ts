import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { byzsim } from '../support/cli.js';

const binary = fileURLToPath(new URL('../../bin/byzsim.js', import.meta.url));

const lines = (...requests: (object | string)[]) =>
  requests
    .map((request) => (typeof request === 'string' ? request : JSON.stringify(request)) + '\n')
    .join('');

const vectors = [
  [1, 2],
  [3, 4],
  [5, 9],
];

describe('byzsim aggregate', () => {
  it('answers every request with a line of JSON', async () => {
    const { status, stdout, stderr } = await byzsim(['aggregate'], {
      input: lines(
        { aggregator: 'mean', vectors },
        { aggregator: { rule: 'trimmed-mean', f: 1 }, vectors },
        // Weights that are given count, unless the aggregator says otherwise.
        { aggregator: 'cwmed', vectors, weights: [1, 1, 3] },
        { aggregator: { rule: 'cwmed', weighted: false }, vectors, weights: [1, 1, 3] },
        { meta: [{ rule: 'bucketing', size: 2 }], vectors, permutation: [0, 2, 1] },
        { aggregator: { rule: 'cwmed', meta: ['ctma'] }, vectors, byzantine: 1 },
        '{"aggregator": "cwmed", "vectors": [[1], [2], [1e999], [4]], "byzantine": 1}',
        {
          aggregator: { rule: 'cwmed', tie: 'midpoint' },
          vectors: [[1], [2], [3], [4]],
          weights: [0.1, 0.2, 0.2, 0.1],
        },
      ),
    });
    expect(stderr).toBe('');
    expect(stdout).toBe(
      ['[3,5]', '[3,4]', '[5,9]', '[3,4]', '[[3,5.5],[3,4]]', '[2,3]', '[2]', '[2.5]', ''].join('\n'),
    );
    expect(status).toBe(0);
  });

  it('answers what it can, says what it cannot, and ends with status 2', async () => {
    const { status, stdout, stderr } = await byzsim(['aggregate'], {
      input: lines(
        { aggregator: 'crum', vectors },
        '',
        { aggregator: 'mean', vectors: [[1, 2], [3]] },
        { aggregator: 'mean', vectors: [[1], ['2']] },
        { aggregator: 'mean', vectors, weights: [1, 2] },
        { aggregator: 'mean', vectors, weights: [1, -2, 1] },
        { aggregator: 'mean', vectors, weights: [0, 0, 0] },
        { aggregator: 'mean', vectors, weights: [1e308, 1e308, 1] },
        { aggregator: 'krum', vectors: [[1.7e308], [-1.7e308], [1]] },
        { aggregator: { rule: 'trimmed-mean', f: 2 }, vectors },
        { aggregator: { rule: 'cwmed', tie: 'uper' }, vectors },
        { aggregator: 'mean', vectors, byzantine: 3 },
        { aggregator: 'mean', vectors, lambda: 0.5 },
        { aggregator: 'mean', meta: ['nnm'], vectors },
        { meta: ['ctma'], vectors },
        { vectors },
        { aggregator: 'mean', vector: vectors, vectors },
        { meta: ['bucketing'], vectors, permutation: [0, 1, 1] },
        '{"aggregator": "mean", "vectors": [[1], [1e999], [-1e999]], "byzantine": 1}',
        '{"aggregator": "mean", "vectors": [[NaN]]}',
        '7',
        { aggregator: 'mean', vectors },
      ),
    });
    expect(stdout).toBe(`${'null\n'.repeat(20)}[3,5]\n`);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^line 1: unknown aggregator: crum \(did you mean krum\?\)$/),
      'line 3: invalid vectors: [[1, 2], [3]] (vector 2 is of length 1, vector 1 of length 2)',
      'line 4: invalid vectors: [[1], ["2"]] (vector 2 holds "2", which is no number)',
      'line 5: invalid weights: 2 of them (expected one for each of 3 vectors)',
      'line 6: invalid weights[1]: -2 (expected number >= 0)',
      'line 7: invalid weights: all 0 (expected a positive sum)',
      'line 8: invalid weights: they add up to Infinity (expected 1e-290 to 1e290)',
      expect.stringMatching(/^line 9: numbers too large: .* beyond 1.7976931348623157e\+308$/),
      'line 10: invalid trimmed-mean: f = 2 needs 2f < n, but n = 3',
      'line 11: unknown tie: uper (did you mean upper?)',
      'line 12: invalid byzantine: 3 (expected fewer than the 3 vectors)',
      'line 13: invalid lambda: 0.5 (expected number in [0, 0.5))',
      'line 14: invalid meta: with an aggregator it belongs inside: {"rule": ..., "meta": [...]}',
      "line 15: missing aggregator: ctma works around one's output",
      'line 16: missing aggregator: name one, or give meta alone',
      'line 17: unknown key: vector (did you mean vectors?)',
      'line 18: invalid permutation: [0, 1, 1] (expected each of 0 to 2 once)',
      expect.stringMatching(/^line 19: too few finite messages: workers 2 and 3 .* f = 1 of n = 3/),
      expect.stringMatching(/^line 20: invalid JSON: .*1e999/),
      'line 21: invalid request: a JSON object is needed',
      '',
    ]);
    expect(status).toBe(2);
  });

  it('answers while requests are still coming', async () => {
    const child = spawn(process.execPath, [binary, 'aggregate'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (const value of [1, 2, 3]) {
      child.stdin.write(lines({ aggregator: 'mean', vectors: [[value]] }));
      expect((await answers.next()).value).toBe(`[${value}]`);
    }
    child.stdin.end();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  });

  it('ends quietly when nobody reads on', async () => {
    const child = spawn(process.execPath, [binary, 'aggregate']);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.end(lines({ aggregator: 'mean', vectors: [[1]] }).repeat(20_000));
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(stderr).toBe('');
  });
});

describe('byzsim attack', () => {
  it('prints the Byzantine vector of every request', async () => {
    const { status, stdout, stderr } = await byzsim(['attack'], {
      input: lines(
        { attack: 'sign-flip', honest: vectors },
        { attack: 'sign-flip', honest: vectors, weights: [1, 1, 0] },
        { attack: 'none', honest: vectors },
        { attack: { attack: 'empire', factor: 2 }, honest: vectors },
        { attack: { attack: 'little', factor: 1.5 }, honest: [[1], [3]] },
        { attack: 'little', honest: [[1], [3]], weights: [1, 1], byzantine: 2, byzantineWeight: 1 },
        { attack: 'infinity', honest: vectors },
        { attack: { attack: 'sleeper', from: 5, as: { attack: 'empire', factor: 2 } }, honest: vectors },
        { attack: { attack: 'sleeper', from: 5, as: 'label-flip' }, honest: vectors, update: 4 },
        { attack: { attack: 'sleeper', from: 5, as: 'sign-flip' }, honest: vectors, update: 5 },
        { attack: { attack: 'optimal-empire', evals: 3, delta: 1 }, honest: [[1]], aggregator: 'mean' },
      ),
    });
    expect(stderr).toBe('');
    const [flipped, weighted, honest, empire, factor, counted, infinite, ...rest] = stdout.trim().split('\n');
    const [asleep, stillAsleep, awake, optimal] = rest;
    expect([asleep, stillAsleep, awake]).toEqual(['[3,5]', '[3,5]', '[-3,-5]']);
    expect([flipped, weighted, honest, empire]).toEqual(['[-3,-5]', '[-2,-3]', '[3,5]', '[-6,-10]']);
    expect((JSON.parse(factor) as number[])[0]).toBeCloseTo(2 + 1.5 * Math.SQRT2, 12);
    // Half of the honest weight is needed: z = 0.
    expect(counted).toBe('[2]');
    expect(infinite).toBe('[1e999,1e999]');
    expect(optimal).toBe('[-3]');
    expect(status).toBe(0);
  });

  it('says what it cannot print', async () => {
    const { status, stdout, stderr } = await byzsim(['attack'], {
      input: lines(
        { attack: 'label-flip', honest: vectors },
        { attack: 'alie', honest: vectors },
        { attack: { attack: 'mimic', worker: 4 }, honest: vectors },
        '{"attack": "empire", "honest": [[1], [1e999]]}',
        { attack: 'optimal-little', honest: vectors },
        { honest: vectors },
        { attack: { attack: 'stale', staleness: 3 }, honest: vectors },
        { attack: { attack: 'sleeper', from: 0, as: 'label-flip' }, honest: vectors },
      ),
    });
    expect(stdout).toBe('null\n'.repeat(8));
    expect(stderr.trim().split('\n')).toEqual([
      'line 1: invalid attack: label-flip (its message comes from flipped labels, not from vectors)',
      'line 2: unknown attack: alie (did you mean little?)',
      'line 3: invalid mimic: worker = 4 needs an honest id, 1 to 3',
      'line 4: invalid honest: vector 2 is not finite',
      'line 5: missing aggregator: optimal-little searches against one',
      'line 6: missing attack: name one',
      'line 7: invalid attack: stale (its message is one of earlier updates, not of these vectors)',
      'line 8: invalid attack: label-flip (its message comes from flipped labels, not from vectors)',
    ]);
    expect(status).toBe(2);
  });
});
