import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byzsim } from '../support/cli.js';

/** Nothing that a user runs reports to anyone, or leaves anything but its results. */

const folder = mkdtempSync(join(tmpdir(), 'byzsim-leftovers-'));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (path: string) => join(folder, path);
const cwd = place('work');
// An empty variable counts as not set.
const env = { TMPDIR: place('tmp'), HOME: place('home'), XDG_CACHE_HOME: '', ORT_DISABLE_TELEMETRY: '' };
const engine = ['--backend', 'onnx', '--threads', '2', '--quiet'];

const strace = ['strace', '-f', '-qq', '--seccomp-bpf', '-e', 'trace=socket', '-o'];
const watches =
  spawnSync(strace[0], [...strace.slice(1), '/dev/null', process.execPath, '--version']).status === 0;
if (!watches) test.skip('sockets are not watched: strace does not run here', () => {});

beforeAll(() => {
  for (const name of ['tmp', 'home', 'work']) mkdirSync(place(name));
  writeFileSync(join(cwd, 'points.csv'), '1,2\n3,4\n-1,0.5\n');
  writeFileSync(
    join(cwd, 'small.yaml'),
    'dataset: {points: points.csv}\nworkers: 3\naggregator: mean\noptimizer: sgd\nupdates: 20\n',
  );
});

/** What is in the temporary folder and the home, beside what graphics drivers keep there. */
function leftovers(): string[] {
  const names = ['tmp', 'home'].flatMap((part) =>
    readdirSync(place(part), { recursive: true, encoding: 'utf8' }).map((name) => join(part, name)),
  );
  return names.filter((name) => name !== 'home/.cache' && !name.startsWith('home/.cache/mesa_shader_cache'));
}

/** Runs Node to its end. Returns the sockets of the internet that it, its threads and its processes opened. */
async function sockets(...args: string[]): Promise<string[]> {
  const log = place('sockets.log');
  const command = [...(watches ? [...strace, log] : []), process.execPath, ...args];
  const child = spawn(command[0], command.slice(1), { cwd, env: { ...process.env, ...env } });
  child.stdout.resume();
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(child.exitCode, stderr).toBe(0);
  return watches
    ? readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.includes('AF_INET'))
    : [];
}

describe('nothing is left and nobody is told', { timeout: 120_000 }, () => {
  test('the watch sees what there is to see', async () => {
    const opened = await sockets(
      '-e',
      `new (require('node:worker_threads').Worker)(
        "require('node:dgram').createSocket('udp4').bind(0, '127.0.0.1', function () { this.close() })", { eval: true });
      require('node:fs').writeFileSync(require('node:os').tmpdir() + '/seen', '');`,
    );
    if (watches) expect(opened).toHaveLength(1);
    expect(leftovers()).toEqual(['tmp/seen']);
    rmSync(place('tmp/seen'));
  });

  const commands = [
    ['run', 'small.yaml', ...engine],
    ['sweep', 'small.yaml', 'aggregator=mean,cwmed', '--out', 'swept', ...engine],
    ['plot', 'results/small', '-o', 'figure.svg'],
    ['plot', 'results/small', '-o', 'figure.pdf'],
    ['plot', 'results/small', '-o', 'figure.png'],
    ['report', 'results/small'],
    ['check', 'results/small', '--threshold', 'final.test_loss: max < 1e9'],
    ['compare', 'results/small', 'swept/small'],
    ['bench', 'engines', '--quick'],
    ['doctor'],
  ];
  test.each(commands.map((args) => [args.join(' '), args] as const))('byzsim %s', async (_, args) => {
    const binary = fileURLToPath(new URL('../../bin/byzsim.js', import.meta.url));
    expect(await sockets(binary, ...args)).toEqual([]);
    expect(leftovers()).toEqual([]);
  });

  test('a program that imports an engine', async () => {
    const engines = new URL('../../dist/compute/engines.js', import.meta.url).href;
    const program = `import { chooseEngine } from '${engines}'; await chooseEngine({ backend: 'onnx', device: 'cpu' });`;
    expect(await sockets('--input-type=module', '-e', program)).toEqual([]);
    expect(leftovers()).toEqual([]);
  });

  test('a run that was killed', async () => {
    const { signal } = await byzsim(
      ['run', 'small.yaml', 'updates=1000000', 'evaluate.every=100', '--backend', 'onnx', '--threads', '2'],
      { cwd, env, onStderr: (text) => (text.includes('update 100/') ? 'SIGKILL' : undefined) },
    );
    expect(signal).toBe('SIGKILL');
    expect(leftovers()).toEqual([]);
  });
});
