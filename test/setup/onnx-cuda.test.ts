import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkSameBuild, findProvider, providerLibraries } from '../../src/setup/cuda-provider.js';
import { setupOnnxCuda, suitableCuda, type OnnxPlaces } from '../../src/setup/onnx-cuda.js';
import { byzsim } from '../support/cli.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'byzsim-setup-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function write(path: string, content = ''): Promise<string> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
  return join(folder, path);
}

async function fakeProgram(name: string, script: string): Promise<void> {
  await chmod(await write(`programs/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
  vi.stubEnv('PATH', `${join(folder, 'programs')}${delimiter}${process.env.PATH}`);
}

async function fakeProvider(base: string): Promise<void> {
  for (const name of providerLibraries) await write(join(base, name), `provider ${name}`);
}

const gpu = (driver: string, ...capabilities: string[]) => ({
  driver,
  gpus: capabilities.map((capability) => ({ name: 'a GPU', capability })),
});

test.each([
  ['no GPU', { problem: 'no NVIDIA driver is loaded' }, 13],
  ['a recent driver and GPU', gpu('580.95.05', '9.0'), 13],
  ['a driver before CUDA 13', gpu('570.124.06', '9.0'), 12],
  ['a GPU that CUDA 13 dropped', gpu('580.95.05', '7.0'), 12],
  ['such a GPU beside a recent one', gpu('590.1', '9.0', '6.1'), 12],
])('the CUDA for %s', (_, report, cuda) => {
  expect(suitableCuda(report)).toBe(cuda);
});

describe('finding the provider', () => {
  test.each([
    ['the folder of libraries', 'site/onnxruntime/capi', 'site/onnxruntime/capi'],
    ['the package', 'site/onnxruntime', 'site/onnxruntime/capi'],
    ['a folder of packages', 'site', 'site/onnxruntime/capi'],
    ['a virtual environment', 'venv', 'venv/lib/python3.12/site-packages/onnxruntime/capi'],
  ])('%s', async (_, named, base) => {
    await fakeProvider(base);
    const packages = join(folder, base, '../..');
    const cudart = join(packages, 'nvidia/cu13/lib/libcudart.so.13');
    await write(relative(folder, cudart));
    expect(findProvider(join(folder, named))).toEqual({
      folder: join(folder, base),
      cuda: [cudart],
    });
  });

  test('an unpacked archive', async () => {
    await fakeProvider('gpu/lib');
    expect(findProvider(join(folder, 'gpu'))).toEqual({ folder: join(folder, 'gpu/lib'), cuda: [] });
  });

  test('nothing there', () => {
    expect(() => findProvider(folder)).toThrow(
      /^missing CUDA provider: no libonnxruntime_providers_shared\.so and /,
    );
    expect(() => findProvider(join(folder, 'nowhere'))).toThrow(/^missing folder: /);
  });
});

test('a provider of another build is refused', async () => {
  await write('ours/libonnxruntime.so.1', 'ORT Build Info: git-branch=HEAD, git-commit-id=f2c39fe2f, x');
  await write('same/libonnxruntime.so.1.30.0', 'ORT Build Info: git-branch=rel, git-commit-id=f2c39fe2f, y');
  await write('other/libonnxruntime.so.1.22.0', 'ORT Build Info: git-branch=rel, git-commit-id=0123456ab, y');
  const check = (name: string) => () => checkSameBuild(join(folder, 'ours'), join(folder, name));
  expect(check('same')).not.toThrow();
  expect(check('other')).toThrow(
    /^mismatched CUDA provider: .* commit 0123456ab of ONNX Runtime, .* f2c39fe2f/,
  );
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('setting the CUDA provider up', () => {
  const runtime = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64';
  const installed = () =>
    Promise.all(
      providerLibraries.map((name) => readFile(join(folder, runtime, name), 'utf8').catch(() => undefined)),
    );

  beforeEach(async () => {
    await write('node_modules/onnxruntime-node/package.json', JSON.stringify({ version: '1.30.0' }));
    await write(`${runtime}/onnxruntime_binding.node`, 'binding');
    await write(`${runtime}/libonnxruntime.so.1`, 'git-commit-id=f2c39fe2f');
    await fakeProvider('site/onnxruntime/capi');
  });

  function setup(
    attempt: OnnxPlaces['attempt'],
    { gpu = { problem: 'no NVIDIA driver is loaded' } as OnnxPlaces['gpu'], from = 'site', ...options } = {},
    packageFolder: string | undefined = join(folder, 'node_modules/onnxruntime-node'),
  ) {
    return setupOnnxCuda(
      { from: from && join(folder, from), ...options },
      { packageFolder, cache: join(folder, 'cache'), gpu, attempt, note: () => {} },
    );
  }

  test('it is tried beside the other libraries, then linked; again, nothing is done', async () => {
    const tried: string[] = [];
    const attempt: OnnxPlaces['attempt'] = async (device, trial) => {
      const names = ['onnxruntime_binding.node', 'libonnxruntime.so.1', providerLibraries[1]];
      const contents = await Promise.all(names.map((name) => readFile(join(trial!, name), 'utf8')));
      tried.push(`${device}: ${contents.join(', ')}`);
      return '1.30.0';
    };
    const options = { gpu: gpu('580.95.05', '9.0') };
    expect(await setup(attempt, options)).toMatchObject({ version: '1.30.0', tried: true, changed: true });
    const contents = 'binding, git-commit-id=f2c39fe2f, provider libonnxruntime_providers_cuda.so';
    expect(tried).toEqual([`cpu: ${contents}`, `cuda: ${contents}`]);
    expect(await installed()).toEqual(providerLibraries.map((name) => `provider ${name}`));

    expect(await setup(async () => '1.30.0', options)).toMatchObject({ changed: false });
  });

  test('without a GPU only the CPU is tried', async () => {
    const devices: string[] = [];
    const result = await setup(async (device) => {
      devices.push(device);
      return '1.30.0';
    });
    expect(result).toMatchObject({ tried: false, changed: true });
    expect(devices).toEqual(['cpu']);
  });

  test.each(['cpu', 'cuda'])('when %s fails, nothing is installed', async (failing) => {
    const attempt: OnnxPlaces['attempt'] = async (device) => {
      if (device === failing) throw new Error(`${device} fails`);
      return '1.30.0';
    };
    await expect(setup(attempt, { gpu: gpu('580.95.05', '9.0') })).rejects.toThrow(`${failing} fails`);
    expect(await installed()).toEqual([undefined, undefined]);
  });

  test("pip's CUDA libraries are found from wherever the provider is opened", async () => {
    await write('site/nvidia/cu13/lib/libcublas.so.13', 'cublas');
    await write('site/nvidia/cudnn/lib/libcudnn.so.9', 'cudnn');
    await fakeProgram('patchelf', `case "$1" in --set-rpath) echo "$2" > ${folder}/search;; esac`);
    await setup(async () => '1.30.0');
    const search = (await readFile(join(folder, 'search'), 'utf8')).trim();
    const read = (name: string) => readFile(join(search, name), 'utf8');
    expect(await read('libcublas.so.13')).toBe('cublas');
    expect([await read('libcudnn.so.9'), await read('libcudnn.so')]).toEqual(['cudnn', 'cudnn']);
  });

  test('libraries that the provider needs and the loader does not find are named, the driver aside', async () => {
    await fakeProgram('ldd', 'echo "  libcuda.so.1 => not found"; echo "  libcudart.so.13 => not found"');
    await expect(setup(async () => '1.30.0')).rejects.toThrow(
      /^missing libraries: the CUDA provider in .* needs libcudart\.so\.13: install/,
    );
    await fakeProgram('ldd', 'echo "  libcuda.so.1 => not found"');
    await expect(setup(async () => '1.30.0')).resolves.toMatchObject({ changed: true });
  });

  test('a download that fails', async () => {
    await fakeProgram(
      'python3',
      'case "$*" in *--version*) ;; *) echo "No route to host" >&2; exit 1;; esac',
    );
    const attempt = async () => '1.30.0';
    await expect(setup(attempt, { from: '' })).rejects.toThrow(
      /^cannot download onnxruntime-gpu==1\.30\.0, .*: pip says: No route to host/,
    );
    expect(await installed()).toEqual([undefined, undefined]);
  });

  test('no onnxruntime-node', async () => {
    await rm(join(folder, 'node_modules'), { recursive: true });
    await expect(setup(async () => '')).rejects.toThrow(
      'missing package: onnxruntime-node, which comes with byzsim: install byzsim again',
    );
  });

  test.skipIf(process.getuid?.() === 0)('a package of somebody else', async () => {
    await chmod(join(folder, runtime), 0o555);
    await expect(setup(async () => '')).rejects.toThrow(
      /^cannot write to .*x64 \(EACCES\): run this as the user who installed byzsim/,
    );
  });
});

test('mistakes on the command line: status 2', async () => {
  const { status, stderr } = await byzsim(['setup', 'cuda', '--cuda', '11']);
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^error: option '--cuda <version>' argument '11' is invalid\. Allowed choices are 12, 13\.$/m,
  );
});
