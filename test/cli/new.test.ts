import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKinds } from '../../src/cli/new-kinds.js';
import { folderWith } from '../modules/files.js';
import { byzsim, inProcess } from '../support/cli.js';

const folder = folderWith({});
afterAll(() => rmSync(folder, { recursive: true }));
const create = (...args: string[]) => inProcess(['new', ...args], folder);

const ofModules = newKinds.filter((kind) => kind !== 'config');
const isRule = (kind: string) => kind.endsWith('aggregator');

/** A folder with the byzsim of this repository, as an installation puts it on the PATH. */
const path = join(folder, 'bin');
beforeAll(() => {
  mkdirSync(path);
  const binary = fileURLToPath(new URL('../../bin/byzsim.js', import.meta.url));
  writeFileSync(join(path, 'byzsim'), `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n`);
  chmodSync(join(path, 'byzsim'), 0o755);
});

function nodeTest(name: string, cwd: string) {
  return spawnSync(process.execPath, ['--test', `${name}.test.mjs`], {
    cwd,
    // Vitest's own, by which node --test would take itself for a part of another.
    env: { ...process.env, PATH: `${path}${delimiter}${process.env.PATH}`, NODE_TEST_CONTEXT: undefined },
    encoding: 'utf8',
  });
}

describe.each(newKinds)('byzsim new %s', (kind) => {
  const name = `my-${kind}`;
  const module = kind === 'attack' ? `${name}.ts` : `${name}.js`;

  test('writes files, and prints them and what to type next', async () => {
    const before = readdirSync(folder);
    const { status, stdout, stderr } = await create(kind, name, ...(module.endsWith('ts') ? ['--ts'] : []));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [files, next] = stdout.split('\n\nNext:\n').map((part) => part.trimEnd().split('\n'));
    const modules = kind === 'config' ? [] : [module];
    expect(files).toEqual([...modules, `${name}.test.mjs`, `${name}.yaml`]);
    expect(readdirSync(folder).filter((file) => !before.includes(file))).toEqual(files.toSorted());
    expect(next).toEqual([
      ...(isRule(kind) ? [`  byzsim test-rule ${module}`] : []),
      `  byzsim validate ${name}.yaml`,
      `  byzsim run ${name}.yaml`,
      `  node --test ${name}.test.mjs`,
    ]);
    for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(/NAME|FILE/);
  });

  test('writes a config that is valid', async () => {
    const { status, stdout } = await byzsim(['validate', `${name}.yaml`], { cwd: folder });
    expect(status).toBe(0);
    if (kind !== 'config' && kind !== 'arrival' && kind !== 'model') expect(stdout).toContain(name);
  });

  test('writes a test that passes', () => {
    const { status, stdout } = nodeTest(name, folder);
    expect(status, stdout).toBe(0);
  });

  test('writes over nothing', async () => {
    rmSync(join(folder, `${name}.yaml`));
    const { status, stdout, stderr } = await create(kind, name);
    const there = kind === 'config' || kind === 'attack' ? `${name}.test.mjs` : module;
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: `byzsim: invalid name: ${name} (${there} is there already)\n`,
    });
    expect(existsSync(join(folder, `${name}.yaml`))).toBe(false);
  });
});

test('the test of a new model fails where the model does', async () => {
  const cwd = folderWith({});
  await inProcess(['new', 'model', 'broken'], cwd);
  const file = join(cwd, 'broken.js');
  writeFileSync(file, readFileSync(file, 'utf8').replace('layers.relu,', "layers.dense('relu', 1, 2),"));
  expect(nodeTest('broken', cwd).status).toBe(1);
  rmSync(cwd, { recursive: true });
});

test('templates are TypeScript as they are', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const files = new Map(
    ofModules.map((kind) => [
      join(root, `test/${kind}-template.ts`),
      readFileSync(join(root, `assets/new/${kind}.js`), 'utf8'),
    ]),
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, version, ...rest) =>
    files.has(file) ? ts.createSourceFile(file, files.get(file)!, version) : read(file, version, ...rest);
  const program = ts.createProgram([...files.keys()], options, host);
  const problems = [...files.keys()].flatMap((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
  );
  expect(problems).toEqual([]);
});

test.each<[string[], RegExp]>([
  [['rule', 'mine'], /value 'rule' is invalid for argument 'kind'/],
  [['aggregator', 'krum'], /^byzsim: invalid name: krum \(byzsim has this aggregator already\)\n$/],
  [['attack', '../up'], /^byzsim: invalid name: \.\.\/up \(expected lower case letters/],
  [['config', 'mine', '--ts'], /^byzsim: invalid --ts: a config is YAML/],
])('byzsim new refuses %j', async (args, message) => {
  const { status, stdout, stderr } = await create(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
});
