import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { parse } from 'yaml';
import { describe, expect, onTestFinished, test } from 'vitest';
import { crc32c, maskedCrc32c } from '../../src/export/crc32c.js';
import { inProcess } from '../support/cli.js';
import { temporaryFolder, writeRun } from '../support/study.js';

function study() {
  const folder = temporaryFolder();
  for (const seed of [1, 2]) writeRun(join(folder, 'results/a', `seed-${seed}`), { seed, rule: 'cwmed' });
  writeRun(join(folder, 'results/b/seed-1'), { rule: 'mean', diverged: 'the model diverged' });
  return { folder, run: (...words: string[]) => inProcess(['export', 'results', ...words], folder) };
}

/** Files below a folder. */
const below = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('CRC-32C', () => {
  // RFC 3720, B.4.
  test.each([
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, k) => k), 0x46dd794e],
    [Buffer.from('123456789'), 0xe3069283],
    [new Uint8Array(0), 0],
  ])('of %o', (bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
    expect(maskedCrc32c(bytes)).toBe((((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0);
  });
});

describe('export --to tensorboard', () => {
  test('writes a file of whole records a run, and the same when it is done again', async () => {
    const { folder, run } = study();
    expect(await run('--to', 'tensorboard', 'events')).toMatchObject({ status: 0, stdout: '' });
    const files = below(join(folder, 'events'));
    expect(files).toHaveLength(3);
    const contents = files.map((file) => readFileSync(file));
    for (const content of contents) {
      const records = recordsOf(content);
      expect(records[0].includes('brain.Event:2')).toBe(true);
      expect(records[1].includes('_hparams_/session_start_info')).toBe(true);
      expect(records.slice(2, -1).every((record) => record.includes('test_accuracy'))).toBe(true);
      expect(records.at(-1)!.includes('_hparams_/session_end_info')).toBe(true);
    }
    await run('--to', 'tensorboard', 'events');
    expect(files.map((file) => readFileSync(file))).toEqual(contents);
  });

  function recordsOf(content: Buffer): Buffer[] {
    const records: Buffer[] = [];
    for (let at = 0; at < content.length;) {
      const length = Number(content.readBigUInt64LE(at));
      expect(content.readUInt32LE(at + 8)).toBe(maskedCrc32c(content.subarray(at, at + 8)));
      const record = content.subarray(at + 12, at + 12 + length);
      expect(content.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(record));
      records.push(record);
      at += 16 + length;
    }
    return records;
  }
});

describe('export --to mlflow', () => {
  test('writes a store: metrics with times and updates, parameters, how it ended', async () => {
    const { folder, run } = study();
    await run('--to', 'mlflow', 'mlruns');
    expect((await run('--to', 'mlflow', 'mlruns')).status).toBe(0);
    const metas = below(join(folder, 'mlruns')).filter((file) => file.endsWith('meta.yaml'));
    const all = metas.map((file) => parse(readFileSync(file, 'utf8')) as Record<string, unknown>);
    expect(all.filter((meta) => 'name' in meta)).toMatchObject([{ name: 'test', lifecycle_stage: 'active' }]);
    expect(all.flatMap(({ status }) => status ?? []).sort()).toEqual([3, 3, 4]);
    const [metric] = below(join(folder, 'mlruns')).filter((file) => file.endsWith('/test_accuracy'));
    expect(readFileSync(metric, 'utf8')).toMatch(/^(\d+ \d(\.\d+)? \d+\n)+$/);
  });

  /** Answers as MLflow does, and keeps what it is sent. */
  async function server() {
    const calls: { call: string; body: Record<string, unknown> }[] = [];
    const answers: Record<string, (body: Record<string, unknown>) => unknown> = {
      'experiments/create': () => ({ experiment_id: '7' }),
      'runs/search': ({ filter }) => ({ runs: sent.filter((tag) => String(filter).includes(tag)) }),
      'runs/create': () => ({ run: { info: { run_id: 'r' } } }),
    };
    const sent: string[] = [];
    const answer = async (request: IncomingMessage) => {
      const call = request.url!.replace('/api/2.0/mlflow/', '');
      if (call.startsWith('experiments/get-by-name'))
        return { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
      const body = (await json(request)) as Record<string, unknown>;
      calls.push({ call, body });
      for (const { key, value } of (body.tags ?? []) as { key: string; value: string }[])
        if (key === 'byzsim.run') sent.push(value);
      return { status: 200, body: answers[call]?.(body) ?? {} };
    };
    const http = createServer((request, response) => {
      void answer(request).then(({ status, body }) => response.writeHead(status).end(JSON.stringify(body)));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void http.close());
    return { calls, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/` };
  }

  test('sends runs to a server, each once', async () => {
    const { run } = study();
    const { calls, url } = await server();
    expect((await run('--to', 'mlflow', url)).stderr).toMatch(/^sent 3 of 3 runs$/m);
    expect(calls.filter(({ call }) => call === 'experiments/create')).toHaveLength(1);
    expect(calls.filter(({ call }) => call === 'runs/update').map(({ body }) => body.status)).toEqual([
      'FINISHED',
      'FINISHED',
      'FAILED',
    ]);
    const metrics = calls.flatMap(({ body }) => (body.metrics ?? []) as { key: string; step: number }[]);
    expect(metrics).toContainEqual(expect.objectContaining({ key: 'test_accuracy', step: 10 }));
    expect((await run('--to', 'mlflow', url)).stderr).toMatch(
      /^sent 0 of 3 runs; the others are there already$/m,
    );
  });

  test('says when none answers: status 2', async () => {
    const { run } = study();
    const { status, stderr } = await run('--to', 'mlflow', 'http://127.0.0.1:9');
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/^byzsim: no answer from http:\/\/127\.0\.0\.1:9: /m),
    ]);
  });
});

describe('export of tables', () => {
  test('--to latex: booktabs, mean ± deviation', async () => {
    const { run } = study();
    expect((await run('--to', 'latex')).stdout).toMatchInlineSnapshot(`
      "% \\usepackage{booktabs}; mean $\\pm$ sample deviation over seeds
      % $^\\dagger$: a seed ended early, and its last row counts
      \\begin{tabular}{lrr}
      \\toprule
      rule & seeds & test accuracy (\\%) \\\\
      \\midrule
      CWMed & 2 & $90.00 \\pm 0.00$ \\\\
      mean & 1 & $90.00$$^\\dagger$ \\\\
      \\bottomrule
      \\end{tabular}
      "
    `);
  });

  test('--to csv and json have the same numbers', async () => {
    const { run } = study();
    const [header, ...lines] = (await run('--to', 'csv')).stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const rows = JSON.parse((await run('--to', 'json')).stdout) as {
      axes: Record<string, string>;
      ended_early: number[];
      final: Record<string, { mean: number }>;
    }[];
    const at = header.indexOf('final_test_accuracy_mean');
    expect(lines.map((line) => Number(line[at]))).toEqual(rows.map(({ final }) => final.test_accuracy.mean));
    expect(lines.map((line) => line[header.indexOf('ended_early')])).toEqual(['0', '1']);
    expect(rows.map(({ ended_early: early }) => early.length)).toEqual([0, 1]);
    expect(lines.map((line) => line[header.indexOf('aggregator.rule')])).toEqual(
      rows.map(({ axes }) => axes['aggregator.rule']),
    );
  });
});

test.each([
  [['tensorbord', 'x'], 'unknown format: tensorbord (did you mean tensorboard?)'],
  [['parquet'], 'unknown format: parquet (use tensorboard, mlflow, latex, csv, json)'],
  [['mlflow', 'htp://x'], 'invalid place: htp://x (expected a folder, or http://... or https://...)'],
  [['mlflow', 'file:///x'], 'invalid place: file:///x (expected a folder, or http://... or https://...)'],
  [['tensorboard', 'http://x'], 'invalid place: http://x (expected a folder)'],
  [['mlflow'], 'missing place: --to mlflow needs one, such as --to mlflow DIR'],
  [['latex', 'x'], 'invalid --to latex: x is too much (paths come before --to)'],
])('--to %j: status 2', async (words, message) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'results'));
  expect(await inProcess(['export', 'results', '--to', ...words], folder)).toMatchObject({
    status: 2,
    stderr: `byzsim: ${message}\n`,
  });
});
