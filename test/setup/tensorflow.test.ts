import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { packageIn, tensorflowHome } from '../../src/compute/tensorflow/package.js';
import { bindingPath } from '../../src/setup/binding.js';
import { findLibtensorflow } from '../../src/setup/libtensorflow.js';
import { setupTensorflow, type TensorflowTrial } from '../../src/setup/tensorflow.js';
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

/** A program of this name, before all others. */
async function fakeProgram(name: string, script: string): Promise<void> {
  await chmod(await write(`programs/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
  vi.stubEnv('PATH', `${join(folder, 'programs')}${delimiter}${process.env.PATH}`);
}

/** What pip's tensorflow holds of interest. */
async function fakeWheel(base: string): Promise<void> {
  await write(`${base}/libtensorflow_cc.so.2`);
  await write(`${base}/libtensorflow_framework.so.2`);
  await write(`${base}/include/tensorflow/c/eager/c_api.h`);
}

describe('finding libtensorflow', () => {
  const found = (base: string) => ({
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) =>
      join(folder, base, name),
    ),
    include: join(folder, base, 'include'),
    cuda: join(folder, base, '../nvidia'),
  });

  test.each([
    ['the folder of the package', 'tensorflow', 'tensorflow'],
    ['a folder of packages', '.', 'tensorflow'],
    ['a virtual environment', 'venv', 'venv/lib/python3.12/site-packages/tensorflow'],
  ])('%s', async (_, named, base) => {
    await fakeWheel(base);
    expect(findLibtensorflow(join(folder, named))).toEqual(found(base));
  });

  test('an unpacked archive', async () => {
    await write('c/lib/libtensorflow.so.2');
    await write('c/lib/libtensorflow_framework.so.2');
    await write('c/include/tensorflow/c/eager/c_api.h');
    expect(findLibtensorflow(join(folder, 'c'))).toMatchObject({
      libraries: [
        join(folder, 'c/lib/libtensorflow.so.2'),
        join(folder, 'c/lib/libtensorflow_framework.so.2'),
      ],
      include: join(folder, 'c/include'),
    });
  });

  test('what is missing is named', async () => {
    expect(() => findLibtensorflow(join(folder, 'nowhere'))).toThrow(
      /^missing folder: .*nowhere: name an existing one/,
    );
    expect(() => findLibtensorflow(folder)).toThrow(/^missing libtensorflow: nothing in .*--from takes/);
    await fakeWheel('tensorflow');
    await rm(join(folder, 'tensorflow/include'), { recursive: true });
    expect(() => findLibtensorflow(folder)).toThrow(/^incomplete libtensorflow: .* lacks .*c_api\.h/);
  });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('setting TensorFlow up', () => {
  const working: TensorflowTrial = { version: '2.21.0 (tfjs 4.22.0)', device: 'cpu', libraries: [] };
  const packageFolder = () => packageIn(tensorflowHome(join(folder, 'cache')));
  const install = (content: string) => write(relative(folder, join(packageFolder(), bindingPath)), content);
  const installed = () => readFile(join(packageFolder(), bindingPath), 'utf8').catch(() => undefined);

  /** A package as npm leaves it, and a compiler that writes what `-o` names. */
  async function fakePackage(): Promise<void> {
    const place = relative(folder, packageFolder());
    await write(join(place, 'package.json'), '{"name": "@tensorflow/tfjs-node-gpu"}');
    await write(join(place, 'binding/tfjs_backend.cc'));
    await fakeProgram(
      'g++',
      `while [ "$1" != -o ]; do shift; done; echo built >> ${folder}/builds; echo new > "$2"`,
    );
    await fakeWheel('tensorflow');
  }

  function setup(
    attempt: (binding?: string) => Promise<TensorflowTrial>,
    options: Parameters<typeof setupTensorflow>[0] = { from: join(folder, 'tensorflow') },
  ) {
    return setupTensorflow(options, { cache: join(folder, 'cache'), attempt, note: () => {} });
  }

  /** Only a binding that was built works. */
  const onlyBuilt = async (binding?: string) => {
    if (!binding) throw new Error('not built');
    return working;
  };

  beforeEach(fakePackage);

  test('a binding is built, tried, and installed', async () => {
    const tried: (string | undefined)[] = [];
    const result = await setup(async (binding) => {
      tried.push(binding && (await readFile(binding, 'utf8')));
      return onlyBuilt(binding);
    });
    expect(result).toEqual({ ...working, changed: true });
    expect(tried).toEqual([undefined, 'new\n']);
    expect(await installed()).toBe('new\n');
  });

  test('one that works stays; --force builds, but not the same twice', async () => {
    await install('old');
    const attempt = async () => ({
      ...working,
      libraries: [join(folder, 'tensorflow/libtensorflow_cc.so.2')],
    });
    expect(await setup(attempt)).toMatchObject({ changed: false });
    expect(await installed()).toBe('old');

    const force = { from: join(folder, 'tensorflow'), force: true };
    expect(await setup(attempt, force)).toMatchObject({ changed: true });
    expect(await installed()).toBe('new\n');
    await setup(attempt, force);
    expect(await readFile(join(folder, 'builds'), 'utf8')).toBe('built\n');
    // Another library in the same place is another binding.
    await utimes(join(folder, 'tensorflow/libtensorflow_cc.so.2'), 1, 1);
    await setup(attempt, force);
    expect(await readFile(join(folder, 'builds'), 'utf8')).toBe('built\nbuilt\n');
  });

  test('one that works with another library is replaced', async () => {
    const elsewhere = await write('elsewhere/libtensorflow_cc.so.2');
    expect(await setup(async () => ({ ...working, libraries: [elsewhere] }))).toMatchObject({
      changed: true,
    });
  });

  test('a failed build and a failed trial leave what is installed', async () => {
    await install('old');
    await expect(
      setup(async () => {
        throw new Error('it does not load');
      }),
    ).rejects.toThrow('it does not load');
    expect(await installed()).toBe('old');

    await rm(join(folder, 'cache/tensorflow/bindings'), { recursive: true });
    await fakeProgram('g++', 'echo "c_api.h: no such type" >&2; exit 1');
    await expect(setup(onlyBuilt)).rejects.toThrow(
      /^cannot compile the binding against .*\n.*no such type\n/,
    );
    expect(await installed()).toBe('old');
  });

  test('all CUDA libraries lie in a folder that TensorFlow searches', async () => {
    await write('nvidia/cusolver/lib/libcusolver.so.11', 'cusolver');
    await write('nvidia/cuda_runtime/lib/libcudart.so.12', 'cudart');
    await setup(async (binding) => {
      const read = (path: string) => readFile(join(dirname(binding!), 'tensorflow/../nvidia', path), 'utf8');
      if (binding) {
        expect(await read('cuda_runtime/lib/libcusolver.so.11')).toBe('cusolver');
        expect(await read('cuda_runtime/lib/libcudart.so.12')).toBe('cudart');
        expect(await read('cusolver/lib/libcusolver.so.11')).toBe('cusolver');
      }
      return onlyBuilt(binding);
    });
  });

  test('no compiler', async () => {
    vi.stubEnv('CXX', 'no-such-compiler');
    await expect(setup(onlyBuilt)).rejects.toThrow(
      /^missing program: no-such-compiler: install a C\+\+ compiler \(Debian: apt-get install g\+\+\)/,
    );
  });

  test('npm brings the package and the headers, and runs no install step', async () => {
    await rm(join(folder, 'cache'), { recursive: true });
    await fakeProgram('npm', `echo "$*" > ${folder}/asked; pwd > ${folder}/where; exit 1`);
    await expect(setup(onlyBuilt)).rejects.toThrow(
      /^cannot install @tensorflow\/tfjs-node-gpu@4\.22\.0 and node-api-headers@[\d.]+: npm says: /,
    );
    expect(await readFile(join(folder, 'asked'), 'utf8')).toMatch(/^install --ignore-scripts .*@4\.22\.0/);
    const cache = join(folder, 'cache/tensorflow');
    expect(await readFile(join(folder, 'where'), 'utf8')).toMatch(new RegExp(`^${cache}/`));
    expect(await readdir(cache)).toEqual([]);
  });

  test('a download that fails: pip, the network', async () => {
    await fakeProgram('python3', 'case "$*" in *--version*) exit 1;; esac');
    await expect(setup(onlyBuilt, {})).rejects.toThrow(/^missing program: pip: install Python 3 with pip/);
    await fakeProgram(
      'python3',
      'case "$*" in *--version*) ;; *) echo "No route to host" >&2; exit 1;; esac',
    );
    await expect(setup(onlyBuilt, {})).rejects.toThrow(
      /^cannot download tensorflow-cpu==[\d.]+: pip says: No route to host\n.*--from/,
    );
    vi.stubEnv('PATH', join(folder, 'nothing'));
    await expect(setup(onlyBuilt, {})).rejects.toThrow(
      /^missing program: python3: install Python 3 with pip/,
    );
  });

  test.runIf(spawnSync('python3', ['--version']).status === 0)(
    'a wheel is unpacked once, without what is not needed',
    async () => {
      const wheel = join(folder, 'tensorflow_cpu-2.21.0-cp312.whl');
      await write('members/tensorflow/python/big.so');
      await fakeWheel('members/tensorflow');
      zip(join(folder, 'members'), wheel);
      let loaded = '';
      await setup(
        async (binding) => {
          if (binding)
            loaded = dirname(await realpath(join(dirname(binding), 'tensorflow/libtensorflow_cc.so.2')));
          return onlyBuilt(binding);
        },
        { from: wheel },
      );
      expect(loaded).toBe(join(folder, 'cache/tensorflow/tensorflow_cpu-2.21.0-cp312/tensorflow'));
      await expect(readFile(join(loaded, 'python/big.so'))).rejects.toThrow('ENOENT');
      await rm(wheel);
      expect(await setup(onlyBuilt, { from: wheel })).toMatchObject({ changed: true });
    },
  );
});

describe('the command', () => {
  test('says what it takes', async () => {
    const { status, stdout } = await byzsim(['setup', 'tensorflow', '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('--from <path>');
  });

  test('mistakes: status 2 and what to do', async () => {
    const run = async (...args: string[]) => {
      const { status, stderr } = await byzsim(['setup', 'tensorflow', ...args]);
      expect(status).toBe(2);
      return stderr;
    };
    expect(await run('--gpu')).toMatch(/^error: unknown option '--gpu'$/m);
    expect(await run('--cuda', '--from', folder)).toMatch(/^byzsim: invalid options: --from and --cuda/m);
  });
});

function zip(content: string, file: string): void {
  execFileSync('python3', ['-m', 'zipfile', '-c', file, 'tensorflow'], { cwd: content });
}
