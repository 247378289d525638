import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import ts from 'typescript';
import type { AggregatorDefinition } from '../src/aggregators/aggregator.js';
import { HostVectors } from '../src/compute/vectors/host.js';

const guide = readFileSync(new URL('../CONTRIBUTING.md', import.meta.url), 'utf8');
const example = /```ts\n([\s\S]*?)```/.exec(guide)![1];
const source = fileURLToPath(new URL('../src/aggregators/worked-example.tmp.ts', import.meta.url));
afterAll(() => rmSync(source, { force: true }));

test('the worked example compiles under the strict settings and computes what it says', async () => {
  writeFileSync(source, example);
  const settings = ts.readConfigFile(fileURLToPath(new URL('../tsconfig.json', import.meta.url)), (path) =>
    ts.sys.readFile(path),
  );
  const { options } = ts.parseJsonConfigFileContent(
    settings.config,
    ts.sys,
    fileURLToPath(new URL('..', import.meta.url)),
  );
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([source], { ...options, noEmit: true }));
  expect(
    diagnostics.map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')),
  ).toEqual([]);

  const { normFilter } = (await import(/* @vite-ignore */ source)) as { normFilter: AggregatorDefinition };
  const vectors = new HostVectors(2, Float64Array);
  const messages = vectors.stack(
    [
      [1, 1],
      [2, 2],
      [90, 0],
    ].map((row) => vectors.fromHost(row)),
  );
  const context = { workers: 3, byzantine: 1, lambda: 1 / 3, weighted: true, random: () => 0 };
  const aggregate = normFilter.create({}, context);
  const result = aggregate(messages, [1, 3, 2], { vectors, f: 1, workers: [1, 2, 3] });
  expect([...vectors.toHost(result)]).toEqual([1.75, 1.75]);
  expect(normFilter.check!({ f: 2 }, context)).toBe('f = 2 needs 2f < n, but n = 3');
});
