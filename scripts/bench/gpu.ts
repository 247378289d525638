/**
 * Everything that is to be known of a GPU, in one command:
 *
 *   npm run bench:gpu                     # every engine on CUDA; `-- --device cpu --quick` tries the command itself
 *
 * Holds the engines to the conformance suite (an engine that does not load there fails), times gradients and rules, runs
 * figure A's experiment, times PyTorch beside them where $PYTHON (python3) has it, and writes it all to
 * results/benchmarks/<GPU>.json. Exit status 1 when the suite fails or an engine does not run.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../../src/base/machine.js';

const { values: flags } = parseArgs({
  options: {
    device: { type: 'string', default: 'cuda' },
    engines: { type: 'string', default: 'tensorflow,onnx' },
    out: { type: 'string', short: 'o' },
    output: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const { device, quick, out = flags.output ?? 'results/benchmarks' } = flags;
const engines = flags.engines.split(',');
const short = quick ? ['--quick'] : [];
const failures: string[] = [];

/** What a program prints; undefined, and noted, when it fails. */
function output(
  what: string,
  command: string,
  args: string[],
  env: Record<string, string> = {},
): string | undefined {
  process.stderr.write(`${what}\n`);
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  });
  if (status === 0) return stdout;
  failures.push(`${what}: ${error?.message ?? (stdout + stderr).trim().split('\n').slice(-20).join('\n')}`);
  return undefined;
}

function json(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text.slice(text.indexOf('{')));
}

const suite = ['vitest', 'run', 'test/compute/engines', ...(quick ? ['-t', 'logistic|60 updates'] : [])];
const required = engines.map((engine) => `${engine}:${device}`).join();
const conformance = output(`conformance of ${required}`, 'npx', suite, { BYZSIM_REQUIRE_ENGINES: required });

const runs = mkdtempSync(join(tmpdir(), 'byzsim-gpu-'));
const dataset = quick ? ['dataset=digits', 'updates=20', 'evaluate.every=20'] : [];
const measured = engines.map((engine) => {
  const timings = json(
    output(`${engine} on ${device}`, process.execPath, [
      '--import',
      'tsx',
      'scripts/bench/device.ts',
      engine,
      device,
      ...short,
    ]),
  );
  const options = [
    '--backend',
    engine,
    '--device',
    device,
    '--out',
    join(runs, engine),
    '--quiet',
    '--json',
    '--profile',
  ];
  const run = json(
    output(`figure A's experiment on ${engine}`, process.execPath, [
      'bin/byzsim.js',
      'run',
      'configs/mnist-signflip.yaml',
      'seeds=[1]',
      ...dataset,
      ...options,
    ]),
  ) as { runs: { path: string }[] } | undefined;
  if (!run) return { engine, timings };
  const profile = JSON.parse(readFileSync(join(run.runs[0].path, 'profile.json'), 'utf8')) as object;
  return { engine, timings, figureA: { ...run.runs[0], path: undefined, profile } };
});
rmSync(runs, { recursive: true });

const python = process.env.PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
const pytorch = hasTorch
  ? json(output(`PyTorch on ${device}`, python, ['scripts/bench/pytorch.py', device, ...short]))
  : `${python} has no torch`;

const machine = describeMachine();
const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
const gpu = device === 'cuda' ? output('the GPU', 'nvidia-smi', query)?.trim() : undefined;
const name = (gpu?.split(',')[0] ?? machine.cpu)
  .toLowerCase()
  .replaceAll(/[^a-z0-9]+/g, '-')
  .replaceAll(/^-|-$/g, '');
const file = join(out, `${name}.json`);
mkdirSync(out, { recursive: true });
const report = {
  machine,
  gpu,
  device,
  quick,
  conformance: conformance !== undefined,
  engines: measured,
  pytorch,
  failures,
};
writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
process.stdout.write(`${file}\n`);
for (const failure of failures) process.stderr.write(`failed: ${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
