import { describe, expect, test } from 'vitest';
import { nativeRemedy, type System } from '../../src/compute/native-remedy.js';

const debian: System = { platform: 'linux', arch: 'x64', musl: false, onnxBinary: true };
const alpine: System = { ...debian, musl: true };

/** As engines report it: the loader's error is a cause. */
function notLoaded(code: string, message: string): Error {
  const cause = Object.assign(new Error(message), { code });
  return new Error('unavailable engine', { cause: new Error(`it does not load: ${message}`, { cause }) });
}

const dlopen = (message: string) => notLoaded('ERR_DLOPEN_FAILED', message);

describe('what to do where native code does not load', () => {
  test.each([
    ['the package is missing', notLoaded('ERR_MODULE_NOT_FOUND', "Cannot find package 'onnxruntime-node'")],
    ['its binary is missing', notLoaded('MODULE_NOT_FOUND', "Cannot find module '../bin/x.node'")],
    ['its binary is damaged', dlopen('/x/onnxruntime_binding.node: file too short')],
    ['its library is missing', dlopen('libonnxruntime.so.1: cannot open shared object file: No such file')],
  ])('%s: install it again', (_, error) => {
    expect(nativeRemedy('onnx', error, debian)).toMatch(/^install byzsim again \(npm ci in a clone\)/);
  });

  test('on musl no installation helps', () => {
    const error = dlopen('Error loading shared library ld-linux-x86-64.so.2: No such file or directory');
    expect(nativeRemedy('onnx', error, alpine)).toMatch(/^ONNX Runtime needs glibc.*--backend wasm$/);
    const missing = new Error('@tensorflow/tfjs-node-gpu is not installed');
    expect(nativeRemedy('tensorflow', missing, alpine)).toMatch(/^TensorFlow needs glibc/);
  });

  test('an old system', () => {
    const error = dlopen("/lib/libm.so.6: version `GLIBC_2.27' not found (required by libonnxruntime.so.1)");
    expect(nativeRemedy('onnx', error, debian)).toMatch(/^ONNX Runtime needs a newer system library/);
  });

  test('a platform without a binary', () => {
    const error = notLoaded('MODULE_NOT_FOUND', "Cannot find module '../bin/napi-v6/darwin/x64/x.node'");
    const mac = { platform: 'darwin', arch: 'x64', musl: false, onnxBinary: false };
    expect(nativeRemedy('onnx', error, mac)).toBe(
      'ONNX Runtime has no binary for Node on darwin-x64: use --backend wasm',
    );
  });

  test('a library of the system', () => {
    const error = dlopen('libstdc++.so.6: cannot open shared object file: No such file or directory');
    expect(nativeRemedy('onnx', error, debian)).toMatch(/^install the system library libstdc\+\+\.so\.6/);
  });
});

test('where it loads, or an engine has no native code, something else is to be done', () => {
  const noGpu = new Error('Failed to get a WebGPU adapter: No supported adapters');
  expect(nativeRemedy('onnx', noGpu, debian)).toBeUndefined();
  expect(nativeRemedy('onnx', noGpu, alpine)).toBeUndefined();
  expect(nativeRemedy('tensorflow', new Error('it is not installed'), debian)).toBeUndefined();
  expect(
    nativeRemedy('tensorflow', dlopen('libtensorflow.so.2: cannot open shared object file'), debian),
  ).toBeUndefined();
  expect(nativeRemedy('wasm', notLoaded('MODULE_NOT_FOUND', 'x'), debian)).toBeUndefined();
  expect(nativeRemedy('onnx', noGpu)).toBeUndefined();
});
