import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byzsim } from './support/cli.js';

/** Packs byzsim and installs it as users do, in an empty folder, with nothing but the npm registry. */

const root = fileURLToPath(new URL('..', import.meta.url));
const required = process.env.BYZSIM_REQUIRE_INSTALL !== undefined;
const patience = 300_000;

/** What `npm test` tells its children is of this checkout, and not of the folder where npm installs. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_(registry|userconfig|globalconfig|cache)$)/i.test(name),
  ),
);

const start = promisify(execFile);
const npm = (args: readonly string[], cwd: string, env: Record<string, string> = {}) =>
  start('npm', args, { cwd, env: { ...environment, ...env } });

const unreachable = await npm(
  [
    'view',
    'onnxruntime-node@1.30.0',
    'version',
    '--prefer-online',
    '--fetch-retries=0',
    '--fetch-timeout=5000',
  ],
  tmpdir(),
).then(
  () => undefined,
  (error: Error & { stderr?: string }) => (error.stderr || error.message).trim().split('\n')[0],
);
if (unreachable !== undefined && !required)
  test.skip(`the installation is not tested: no npm registry can be reached: ${unreachable}`, () => {});

describe.runIf(unreachable === undefined || required)(
  'installed from its tarball',
  { timeout: patience },
  () => {
    let folder: string;
    let entries: string[];
    const place = (path: string) => join(folder, path);

    beforeAll(async () => {
      folder = await realpath(await mkdtemp(join(tmpdir(), 'byzsim-install-')));
      const tarball = await pack(place('source'), folder);
      entries = (await start('tar', ['-tzf', tarball])).stdout.trim().split('\n');
      await mkdir(place('user'));
      await npm(
        ['install', '--prefer-offline', '--no-audit', tarball],
        place('user'),
        await onlyRegistry(folder),
      );
    }, patience);
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const installed = (command: string, ...args: string[]) =>
      start(join(place('user/node_modules/.bin'), 'byzsim'), [command, ...args], {
        cwd: place('user'),
        env: environment,
      });
    const short = ['updates=4', 'evaluate.every=4', '--out', 'results'];

    test('the tarball has what a user needs and nothing else', () => {
      const has = (path: string) => entries.includes(`package/${path}`);
      for (const path of [
        'LICENSE',
        'README.md',
        'CHANGELOG.md',
        'bin/byzsim.js',
        'dist/cli/main.js',
        'dist/compute/thread.js',
        'dist/kernels/stack.wasm',
        'dist/kernels/tfjs.wasm',
        'scripts/accuracy-check.sh',
        'dist/setup/try-tensorflow.js',
        'assets/unpack.py',
        'assets/fonts/LiberationSans-Regular.ttf',
        'configs/quickstart.yaml',
        'configs/schema.json',
        'configs/paper/figure-a-mnist.yaml',
        'docs/gpu.md',
      ])
        expect(has(path), path).toBe(true);
      expect(
        entries.filter((path) => /^package\/(src|test|results|node_modules)\/|\.map$/.test(path)),
      ).toEqual([]);
    });

    test('its engine is the fast one, and npm fetched nothing for GPUs', async () => {
      const { stdout } = await installed('doctor', '--json');
      const { auto } = JSON.parse(stdout) as { auto: object };
      expect(auto).toMatchObject({ backend: 'onnx', device: 'cpu', reason: 'the best that loads here' });
      const runtime = dirname(createRequire(place('user/x')).resolve('onnxruntime-node/package.json'));
      const files = await readdir(join(runtime, 'bin'), { recursive: true });
      expect(files.filter((name) => name.includes('providers'))).toEqual([]);
    });

    test('the quickstart runs, plots, reports, with the same bytes as here', async () => {
      const config = 'node_modules/byzsim/configs/quickstart.yaml';
      const { stdout } = await installed('run', config, ...short, '--quiet', '--json');
      const [{ path, backend }] = (JSON.parse(stdout) as { runs: { path: string; backend: string }[] }).runs;
      expect(backend).toBe('onnx');
      await installed('sweep', config, 'aggregator=cwmed,mean', ...short, '--quiet');
      await installed('plot', 'results/quickstart', '-o', 'curves.svg');
      expect(await readFile(place('user/curves.svg'), 'utf8')).toContain('</svg>');
      await installed('report', 'results/quickstart', '-o', 'report.html');
      expect(await readFile(place('user/report.html'), 'utf8')).toContain('</html>');

      const here = await byzsim(['run', join(root, 'configs/quickstart.yaml'), ...short, '--quiet'], {
        cwd: folder,
      });
      expect(here.status).toBe(0);
      const run = path.slice(path.indexOf('results'));
      expect(await readFile(join(place('user'), run, 'metrics.csv'), 'utf8')).toBe(
        await readFile(join(folder, run, 'metrics.csv'), 'utf8'),
      );
    });

    test('programs and modules import it', async () => {
      const files = {
        'mine.ts': `import { defineAggregator, type Stack } from 'byzsim';
export default defineAggregator({ name: 'mine', summary: 'the first message', weighted: false, parameters: {},
  create: () => (messages: Stack) => messages.row(0) });`,
        'program.mjs': `import { aggregate } from 'byzsim';
console.log([...await aggregate({ aggregator: { module: './mine.ts' }, vectors: [[3, 4], [5, 6]] })].join());`,
      };
      for (const [name, text] of Object.entries(files)) await writeFile(place(`user/${name}`), text);
      const { stdout } = await start(process.execPath, ['program.mjs'], {
        cwd: place('user'),
        env: environment,
      });
      expect(stdout).toBe('3,4\n');
      const config = 'node_modules/byzsim/configs/quickstart.yaml';
      await installed('run', config, ...short, '--quiet', 'aggregator={module: mine.ts}');
    });

    test('TensorFlow and CUDA are set up by commands of its own', async () => {
      expect((await installed('setup', 'tensorflow', '--help')).stdout).toContain('--cuda');
      const failed = await installed('setup', 'tensorflow', '--from', 'nowhere', '--cuda').catch(
        (error: { code: number; stderr: string }) => error,
      );
      expect(failed).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^byzsim: invalid options: /) as string,
      });
    });
  },
);

/**
 * Packs a copy, so that npm builds nothing under the feet of other tests. Returns the tarball.
 *
 * @param source where the copy goes
 */
async function pack(source: string, destination: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { files: string[] };
  const parts = manifest.files.filter((path) => !path.startsWith('!'));
  for (const part of ['package.json', 'README.md', 'LICENSE', ...parts])
    await cp(join(root, part), join(source, part), { recursive: true });
  // What builds it is not there. Steps of installation are left as they are.
  await npm(['pkg', 'delete', 'scripts.prepare'], source);
  const { stdout } = await npm(['pack', '--pack-destination', destination], source);
  return join(destination, stdout.trim().split('\n').at(-1)!);
}

/** An environment in which Node resolves no name but those of the npm registry and of a proxy to it. */
async function onlyRegistry(folder: string): Promise<Record<string, string>> {
  const registry = (await npm(['config', 'get', 'registry'], folder)).stdout.trim();
  const proxies = ['https_proxy', 'http_proxy'].flatMap((name) => [
    process.env[name],
    process.env[name.toUpperCase()],
  ]);
  const hosts = [registry, ...proxies].filter((url) => url).map((url) => new URL(url!).hostname);
  const preload = join(folder, 'only-registry.mjs');
  await writeFile(
    preload,
    `import dns from 'node:dns';
     const { lookup } = dns;
     dns.lookup = (host, ...rest) =>
       ${JSON.stringify(hosts)}.includes(host)
         ? lookup(host, ...rest)
         : rest.at(-1)(Object.assign(new Error('not the registry: ' + host), { code: 'ENOTFOUND' }));`,
  );
  return { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` };
}
