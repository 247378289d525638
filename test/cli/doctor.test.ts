import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeExamination } from '../../src/cli/doctor.js';
import { enginesAndDevices, examineEngine, missedByTensorflow } from '../../src/doctor/engines.js';
import { isAtLeast, type Examination } from '../../src/doctor/examine.js';
import { parseGpus } from '../../src/compute/gpu.js';
import { byzsim } from '../support/cli.js';

describe('byzsim doctor', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'byzsim-doctor-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs doctor where engines crash that are named. */
  async function doctorWithCrashes(...crashing: string[]) {
    const preload = join(folder, 'crash.mjs');
    await writeFile(
      preload,
      `const [, script, engine] = process.argv;
       if (/doctor.probe\\.js$/.test(script) && ${JSON.stringify(crashing)}.includes(engine))
         process.kill(process.pid, 'SIGSEGV');`,
    );
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`, BYZSIM_DATA_DIR: folder };
    const { status, stdout } = await byzsim(['doctor', '--json'], { env });
    return { status, examination: JSON.parse(stdout) as Examination };
  }

  test('every engine and device: loads, or why not; a crash takes nothing else down', async () => {
    const { status, examination } = await doctorWithCrashes('wasm');
    expect(status).toBe(0);
    const { node, threads, engines, auto, data, machine } = examination;
    expect(node).toMatchObject({ version: process.version, supported: true });
    expect(threads).toBeGreaterThanOrEqual(1);
    expect(machine.cores).toBeGreaterThanOrEqual(1);

    expect(engines.map(({ engine, device }) => ({ engine, device }))).toEqual(enginesAndDevices);
    const find = (name: string, on: string) =>
      engines.find(({ engine, device }) => engine === name && device === on)!;
    expect(find('wasm', 'cpu')).toMatchObject({
      loads: false,
      problem: 'it crashes (SIGSEGV)',
      remedy: 'npm ci',
    });
    for (const report of engines) {
      if (report.loads) expect(report.gradient_ms).toBeGreaterThan(0);
      else expect(Math.min(report.problem.length, report.remedy.length)).toBeGreaterThan(0);
    }
    for (const engine of ['onnx', 'cpu']) expect(find(engine, 'cpu')).toMatchObject({ loads: true });
    expect(auto).toMatchObject({ reason: expect.stringContaining('the best that loads here') as string });
    expect(data).toContainEqual({
      name: 'mnist',
      path: join(folder, 'mnist'),
      files: 4,
      present: 0,
      problems: [],
    });
  }, 300_000);

  test('nothing loads: status 2', async () => {
    const { status, examination } = await doctorWithCrashes('auto', 'tensorflow', 'onnx', 'wasm', 'cpu');
    expect(status).toBe(2);
    expect(examination.engines.map(({ loads }) => loads)).not.toContain(true);
    expect(examination.auto).toEqual({ problem: 'it crashes (SIGSEGV)' });
  }, 120_000);
});

test('an engine whose native code does not load is not told to have a driver installed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'byzsim-doctor-'));
  const preload = join(folder, 'damage.mjs');
  await writeFile(
    preload,
    `const { dlopen } = process;
     process.dlopen = function (module, file, ...rest) {
       if (!file.includes('onnxruntime')) return dlopen.call(this, module, file, ...rest);
       throw Object.assign(new Error(file + ': file too short'), { code: 'ERR_DLOPEN_FAILED' });
     };`,
  );
  vi.stubEnv('NODE_OPTIONS', `--import=${pathToFileURL(preload).href}`);
  try {
    const report = await examineEngine('onnx', 'webgpu', { problem: 'no NVIDIA driver is loaded' });
    expect(report).toMatchObject({
      loads: false,
      problem: expect.stringMatching(/^onnxruntime-node does not load: .*file too short$/) as string,
      remedy: expect.stringMatching(/^install byzsim again/) as string,
    });
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
}, 60_000);

describe('the text', () => {
  const examination: Examination = {
    machine: {
      byzsim: '0.1.0',
      cpu: 'Some Very Long Name of a Processor (R) with a Frequency @ 2.50GHz',
      cores: 2,
      memory_bytes: 24 * 2 ** 30,
      platform: 'linux-x64',
      node: 'v20.20.2',
      load: 0.25,
    },
    node: { version: 'v20.20.2', needed: '>=20.19', supported: true },
    threads: 2,
    gpu: {
      driver: '580.95.05',
      gpus: [{ name: 'NVIDIA H200', capability: '9.0', memory_bytes: 141 * 2 ** 30 }],
    },
    probed: { shape: [16, 16, 1], batch: 4 },
    engines: [
      {
        engine: 'tensorflow',
        device: 'cuda',
        loads: false,
        problem: `TensorFlow misses ${Array.from({ length: 9 }, (_, k) => `libcu${k}.so.12`).join(', ')}`,
        remedy: 'byzsim setup tensorflow --cuda',
      },
      { engine: 'onnx', device: 'cpu', loads: true, version: '1.30.0', gradient_ms: 1.2345 },
      { engine: 'cpu', device: 'cpu', loads: true, version: '4.22.0', gradient_ms: 1234.5 },
    ],
    auto: { backend: 'onnx', device: 'cpu', version: '1.30.0', reason: 'the best that loads here' },
    data: [
      { name: 'digits', path: '/cache/digits-1', files: 4, present: 0, problems: [] },
      { name: 'mnist', path: '/data/mnist', files: 4, present: 4, problems: [] },
      { name: 'cifar10', path: '/data/cifar-10-batches-bin', files: 6, present: 2, problems: [] },
    ],
  };

  test('has what one needs to know, in 80 columns', () => {
    const text = describeExamination(examination);
    const lines = text.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toContain('\nnode     v20.20.2, supported\n');
    expect(text).toContain('\ngpu      NVIDIA H200, 141 GiB, compute capability 9.0; driver 580.95.05\n');
    expect(text).toMatch(/^onnx +cpu +1\.23 ms {2}1\.30\.0$/m);
    expect(text).toMatch(/^cpu +cpu +1235 ms {2}4\.22\.0$/m);
    expect(text).toMatch(/^tensorflow +cuda +-\n {4}TensorFlow misses libcu0\.so\.12, /m);
    expect(text).toMatch(/^auto +onnx on cpu: the best that loads here$/m);
    expect(text).toMatch(/^mnist +\/data\/mnist$/m);
    expect(text.replace(/\n +/g, ' ')).toMatch(
      /^cifar10 +2 of 6 files; byzsim data fetch cifar10 puts it in \/data\/cifar-10-batches-bin$/m,
    );
  });

  test('says what of the data is damaged', () => {
    const problems = ['/data/mnist/train: truncated: 1 bytes unpacked, expected 2'];
    const data = [{ name: 'mnist', path: '/data/mnist', files: 4, present: 3, problems }];
    expect(describeExamination({ ...examination, data }).replace(/\n +/g, ' ')).toContain(
      'mnist    damaged: /data/mnist/train: truncated: 1 bytes unpacked, expected 2; delete it, byzsim data fetch mnist',
    );
  });

  test('keeps long names apart from what is said of them', () => {
    const data = ['mnist', 'fashion-mnist'].map((name) => ({
      name,
      path: `/data/${name}`,
      files: 4,
      present: 4,
      problems: [],
    }));
    const text = describeExamination({ ...examination, data });
    expect(text).toContain('\nmnist          /data/mnist\nfashion-mnist  /data/fashion-mnist\n');
  });

  test('says what Node is needed', () => {
    const node = { version: 'v18.1.0', needed: '>=20.19', supported: false };
    expect(describeExamination({ ...examination, node })).toContain(
      '\nnode     v18.1.0, not supported: byzsim needs >=20.19\n',
    );
  });
});

test.each([
  ['v20.19.0', true],
  ['v20.18.3', false],
  ['v22.0.0', true],
  ['v18.20.4', false],
  ['v20.20.2', true],
])('%s is at least 20.19: %s', (version, enough) => {
  expect(isAtLeast(version, '>=20.19')).toBe(enough);
});

test('reading nvidia-smi', () => {
  expect(parseGpus('NVIDIA H200, 580.95.05, 9.0, 143771\nTesla V100, 580.95.05, 7.0, 16384\n')).toEqual({
    driver: '580.95.05',
    gpus: [
      { name: 'NVIDIA H200', capability: '9.0', memory_bytes: 143771 * 2 ** 20 },
      { name: 'Tesla V100', capability: '7.0', memory_bytes: 16384 * 2 ** 20 },
    ],
  });
  // In some virtual machines it does not know everything.
  expect(parseGpus('GRID A100, 550.54, [N/A], [N/A]')).toEqual({
    driver: '550.54',
    gpus: [{ name: 'GRID A100' }],
  });
  expect(parseGpus('No devices were found\n')).toEqual({ problem: 'nvidia-smi says: No devices were found' });
});

test('the libraries that TensorFlow says it misses', () => {
  const line = (name: string) =>
    `I0000 00:00:1795264482.086107 11496 dso_loader.cc:144] Could not load dynamic library '${name}'; dlerror: ...\n`;
  expect(
    missedByTensorflow(line('libcusolver.so.11') + line('libcudnn.so.9') + line('libcusolver.so.11')),
  ).toBe('TensorFlow misses libcusolver.so.11, libcudnn.so.9');
  expect(missedByTensorflow('something else')).toBeUndefined();
});
